import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** An open segment: only ever appended to. */
export type SegmentFile = {
  /** Appends all of it and resolves when it is on the disk, or throws. */
  readonly append: (parts: readonly Uint8Array[]) => Promise<void>;
  /** Cuts it back to a length, durably. */
  readonly cut: (length: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type OpenSegment = (path: string) => Promise<SegmentFile>;

const PRIVATE_FILE = 0o600;
const { O_APPEND, O_CREAT, O_DSYNC, O_EXCL, O_WRONLY } = constants;

/**
 * Creates a segment. It is opened with O_DSYNC: a write returns when the data and the file's
 * length are on the disk, which saves a call, and its wait for a thread, for every group.
 *
 * @throws Error when a file of that name exists: nobody writes into another's segment.
 */
export async function openSegment(path: string): Promise<SegmentFile> {
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_DSYNC;
  const handle = await open(path, flags, PRIVATE_FILE);
  return {
    append: (parts) => appendAll(handle, Buffer.concat(parts)),
    cut: async (length) => {
      await handle.truncate(length);
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}

async function appendAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written);
    if (bytesWritten === 0) throw new Error('nothing was written');
    written += bytesWritten;
  }
}
