import { type FileHandle, open } from 'node:fs/promises';

/** An open segment: only ever appended to. */
export type SegmentFile = {
  /** Appends all of it, or throws. */
  readonly append: (parts: readonly Uint8Array[]) => Promise<void>;
  /** What was appended is on the disk. */
  readonly sync: () => Promise<void>;
  /** Cuts it back to a length, durably. */
  readonly cut: (length: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type OpenSegment = (path: string) => Promise<SegmentFile>;

const PRIVATE_FILE = 0o600;

/**
 * Creates a segment.
 *
 * @throws Error when a file of that name exists: nobody writes into another's segment.
 */
export async function openSegment(path: string): Promise<SegmentFile> {
  const handle = await open(path, 'ax', PRIVATE_FILE);
  return {
    append: (parts) => appendAll(handle, Buffer.concat(parts)),
    sync: () => handle.datasync(),
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
