import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isSameProcess,
  type ProcessIdentity,
  readProcessIdentity,
  reapLeftovers,
} from '@clearinghouse/embedded';
import { TESTING_LIMITS } from '../limits.ts';

const OWNER = 'owner.json';

/**
 * Makes the folder of this run and clears those of runs that were killed: their servers are
 * ended (pid, start time and command line must match), their files removed.
 */
export async function openRunFolder(): Promise<string> {
  const base = join(tmpdir(), `clearinghouse-test-${process.getuid?.() ?? 0}`);
  mkdirSync(base, { recursive: true });
  // As root Postgres runs as another user, who has to walk through here.
  chmodSync(base, 0o755);
  for (const name of readdirSync(base)) await clearIfOrphaned(join(base, name));
  const folder = mkdtempSync(join(base, 'run-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, OWNER), JSON.stringify(readProcessIdentity(process.pid)));
  return folder;
}

/** Ends every server that the run started and forgot, then removes the folder. */
export async function closeRunFolder(folder: string): Promise<void> {
  await reapLeftovers(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function clearIfOrphaned(folder: string): Promise<void> {
  const owner = readOwner(folder);
  if (owner ? isSameProcess(owner) : isYoung(folder)) return;
  await closeRunFolder(folder);
}

function readOwner(folder: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function isYoung(folder: string): boolean {
  try {
    return Date.now() - statSync(folder).mtimeMs < TESTING_LIMITS.ownerlessFolderMs;
  } catch {
    return true;
  }
}
