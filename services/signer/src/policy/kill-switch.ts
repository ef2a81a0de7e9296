import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** In the root of the journal's volume, where every replica on it looks. */
const FILE = 'STOPPED';
const REASON_CHARS_MAX = 200;

/** Why nothing is signed, and since when; absent: signing goes on. */
export type Stopped = { readonly reason: string; readonly since: string };

const stoppedSchema = z.object({
  reason: z.string().max(REASON_CHARS_MAX),
  since: z.string().max(40),
});

/** What is assumed of a file that cannot be read: whoever put it there wanted a stop. */
const UNREADABLE: Stopped = { reason: 'the stop file cannot be read', since: 'unknown' };

/**
 * Stops all signing of every replica on this volume, within a second and across restarts.
 *
 * @throws Error when the folder cannot be written.
 */
export async function stopSigning(journalDir: string, reason: string): Promise<Stopped> {
  const stopped = { reason: reason.slice(0, REASON_CHARS_MAX), since: new Date().toISOString() };
  await mkdir(journalDir, { recursive: true });
  const file = join(journalDir, FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(stopped)}\n`, { mode: 0o644 });
  await rename(`${file}.new`, file);
  return stopped;
}

/** Lets signing go on. @returns whether it was stopped. */
export async function resumeSigning(journalDir: string): Promise<boolean> {
  const wasStopped = (await readStopped(journalDir)) !== undefined;
  await rm(join(journalDir, FILE), { force: true });
  return wasStopped;
}

/** Is signing stopped? A file that cannot be understood stops it too. */
export async function readStopped(journalDir: string): Promise<Stopped | undefined> {
  let text: string;
  try {
    text = await readFile(join(journalDir, FILE), 'utf8');
  } catch (error) {
    return (error as { code?: unknown }).code === 'ENOENT' ? undefined : UNREADABLE;
  }
  try {
    return stoppedSchema.parse(JSON.parse(text));
  } catch {
    return UNREADABLE;
  }
}
