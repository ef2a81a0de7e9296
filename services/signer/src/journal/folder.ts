import { statSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, rmdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessIdentity, processIdentitySchema } from './process-identity.ts';

/** Names in a journal folder. */
export const OWNER_FILE = 'owner.json';
export const HEARTBEAT_FILE = 'heartbeat';
export const PROBE_FILE = 'probe';
const SEGMENT = /^([0-9]{8})\.log$/;
const CLAIM = /^claim-([0-9]{1,6})$/;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** What stands in a folder. */
export type FolderListing = {
  /** A signer made it: anything of ours is in it. Other folders are nobody's business here. */
  readonly isJournal: boolean;
  readonly hasOwner: boolean;
  /** Segment numbers, ascending. */
  readonly segments: readonly number[];
  /** The highest claim; 0 when nobody claimed it. */
  readonly claim: number;
};

/** The path of a segment. */
export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(8, '0')}.log`);
}

/** The path of a claim. */
export function claimPath(folder: string, claim: number): string {
  return join(folder, `claim-${claim}`);
}

/** Makes the folder of a process, durably, before anything is signed. */
export async function createFolder(folder: string, owner: ProcessIdentity): Promise<void> {
  await mkdir(folder, { mode: PRIVATE_FOLDER });
  await writePrivate(join(folder, HEARTBEAT_FILE), '');
  await writePrivate(join(folder, OWNER_FILE), `${JSON.stringify(owner)}\n`);
  await syncFolder(folder);
  await syncFolder(join(folder, '..'));
}

/** Lists a folder; one that does not exist is empty. */
export async function listFolder(folder: string): Promise<FolderListing> {
  const names = await readNames(folder);
  const numbers = (pattern: RegExp) =>
    names.flatMap((name) => Number(pattern.exec(name)?.[1] ?? 0) || []);
  return {
    isJournal: names.some(isOurs),
    hasOwner: names.includes(OWNER_FILE),
    segments: numbers(SEGMENT).sort((a, b) => a - b),
    claim: Math.max(0, ...numbers(CLAIM)),
  };
}

/**
 * Whether a folder is still its maker's: its mark stands there and nobody claimed it. Looked at
 * in that order, since an adopter takes the mark away before its claim. Two calls that touch no
 * data: not worth a wait for a thread.
 */
export function isOwned(folder: string): boolean {
  const hasFile = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;
  return hasFile(join(folder, OWNER_FILE)) && !hasFile(claimPath(folder, 1));
}

/** The process that made a folder or a claim, if the file is whole. */
export async function readIdentity(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const parsed = processIdentitySchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Marks a file as alive now. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

/** Makes names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes an adopted or emptied folder, claims last: until they go, nobody takes it for new. Files
 * that are not ours stay, and the folder with them.
 */
export async function removeFolder(folder: string): Promise<void> {
  const names = (await readNames(folder)).filter(isOurs);
  const last = names.filter((name) => CLAIM.test(name));
  const first = names.filter((name) => !CLAIM.test(name));
  for (const name of [...first, ...last]) await rm(join(folder, name), { force: true });
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY') ignoreMissing(error);
  });
}

function isOurs(name: string): boolean {
  const isMark = [OWNER_FILE, HEARTBEAT_FILE, PROBE_FILE].includes(name);
  return isMark || SEGMENT.test(name) || CLAIM.test(name);
}

/** Writes a new file that nobody else reads, durably. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: PRIVATE_FILE, flag: 'wx', flush: true });
}

async function readNames(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    ignoreMissing(error);
    return [];
  });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
