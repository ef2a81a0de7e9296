import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROBE_FILE } from './folder.ts';

/** More than a group of records usually takes. */
const PROBE_BYTES = 256 * 1024;
const PRIVATE_FILE = 0o600;

/** Whether a folder takes data and flushes it. Leaves nothing behind. */
export async function probeDisk(folder: string): Promise<boolean> {
  const path = join(folder, PROBE_FILE);
  try {
    await writeFile(path, Buffer.alloc(PROBE_BYTES, 1), { mode: PRIVATE_FILE, flush: true });
    return true;
  } catch {
    return false;
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}
