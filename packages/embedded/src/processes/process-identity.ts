import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What tells one process from a later one that was given the same number. */
export type ProcessIdentity = {
  readonly pid: number;
  /** When it started, in the system's own notation; compared, never parsed. */
  readonly startedAt: string;
  readonly command: string;
};

const START_TIME_FIELD = 19;
const ZOMBIE_STATES = new Set(['Z', 'X']);

/**
 * Reads the identity of a running process; undefined when there is none of that number (or only
 * its corpse). Linux: `/proc`, where the start time counts from boot, so the boot's id is part
 * of it. Elsewhere: `ps`.
 */
export function readProcessIdentity(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return process.platform === 'linux' ? readProc(pid) : readPs(pid);
}

/** Is the process that was noted down the one that runs now? */
export function isSameProcess(noted: ProcessIdentity): boolean {
  const now = readProcessIdentity(noted.pid);
  return now?.startedAt === noted.startedAt && now.command === noted.command;
}

function readProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets and may hold spaces: count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (ZOMBIE_STATES.has(fields[0] ?? '')) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, startedAt: `${boot}:${fields[START_TIME_FIELD] ?? ''}`, command };
  } catch {
    return undefined;
  }
}

function readPs(pid: number): ProcessIdentity | undefined {
  try {
    const ask = (column: string) =>
      execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, LC_ALL: 'C' },
      }).trim();
    if (ask('stat').startsWith('Z')) return undefined;
    return { pid, startedAt: ask('lstart'), command: ask('command') };
  } catch {
    return undefined;
  }
}
