import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './folder.ts';
import { frameRecord } from './frame.ts';

/** Where records wait for a human: signed payments that billing could not settle. */
export const UNRESOLVED_FOLDER = 'unresolved';

/**
 * Keeps a record for an operator. Never rejects: a fault is told to `onFault`, and the answer is
 * false; then the record must stay where it is.
 */
export type KeepUnresolved = (payload: Uint8Array) => Promise<boolean>;

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Makes the keeper; the records of each process go into a file of its own, framed as a segment. */
export function createKeepUnresolved(options: {
  readonly journalDir: string;
  readonly replicaId: string;
  readonly onFault: (error: unknown) => void;
}): KeepUnresolved {
  const folder = join(options.journalDir, UNRESOLVED_FOLDER);
  return async (payload) => {
    try {
      await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
      const file = await open(join(folder, `${options.replicaId}.log`), 'a', PRIVATE_FILE);
      try {
        await appendWhole(file, frameRecord(payload));
      } finally {
        await file.close();
      }
      await syncFolder(folder);
      return true;
    } catch (error) {
      options.onFault(error);
      return false;
    }
  };
}

/** All of it or nothing: behind a part of a frame no other could be read. */
async function appendWhole(file: FileHandle, frame: Uint8Array): Promise<void> {
  const { size } = await file.stat();
  try {
    await file.appendFile(frame);
    await file.sync();
  } catch (error) {
    await file.truncate(size);
    throw error;
  }
}
