import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** A process, told apart from every other one, before and after it, wherever it can be. */
export const processIdentitySchema = z.object({
  host: z.string().max(256),
  /** Of this boot of the machine; empty where there is none to read. */
  boot: z.string().max(64),
  /** The name space in which `pid` counts. */
  space: z.string().max(64),
  pid: z.number().int().min(1),
  /** Clock ticks from boot to the start of the process; 0 where unknown. */
  startTicks: z.number().int().min(0),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Field 22 of /proc/PID/stat, counted after the name in parentheses. */
const START_FIELD_AFTER_NAME = 19;

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const boot = readText('/proc/sys/kernel/random/boot_id');
  const space = readLink('/proc/self/ns/pid');
  const { pid } = process;
  return { host: hostname(), boot, space, pid, startTicks: startTicksOf(pid) ?? 0 };
}

/**
 * True only when the process is surely gone: it ran in this process name space on this boot of
 * this machine, and no such process runs now. Of another machine nothing is known.
 */
export function isSurelyGone(other: ProcessIdentity, own: ProcessIdentity): boolean {
  const isComparable = other.boot !== '' && other.space !== '';
  const isHere = other.host === own.host && other.boot === own.boot && other.space === own.space;
  if (!isComparable || !isHere) return false;
  const startTicks = startTicksOf(other.pid);
  return startTicks === undefined || startTicks !== other.startTicks;
}

/** `undefined` when no such process runs, or none but a zombie. */
function startTicksOf(pid: number): number | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isRunning = stat !== '' && fields[0] !== 'Z' && fields[0] !== 'X';
  return isRunning ? Number(fields[START_FIELD_AFTER_NAME]) : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
