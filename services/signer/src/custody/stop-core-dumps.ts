import { readFileSync, writeFileSync } from 'node:fs';

const FILTER = '/proc/self/coredump_filter';
const LIMITS = '/proc/self/limits';

/** Whether a crash of this process could write its memory, and a key in it, to a disk. */
export type CoreDumps =
  /** Only where it is not Linux. */
  'unknown' | 'off' | 'on';

/**
 * Keeps the memory of this process out of core dumps: Linux is told to leave every kind of mapping
 * out, which holds for dumps that are piped to a program too. Where that may not be told, the limit
 * of the process decides.
 */
export function stopCoreDumps(): CoreDumps {
  try {
    writeFileSync(FILTER, '0');
    if (Number.parseInt(readFileSync(FILTER, 'utf8'), 16) === 0) return 'off';
  } catch {
    // Not Linux, or not ours to write: the limit is next.
  }
  try {
    return isLimitZero(readFileSync(LIMITS, 'utf8')) ? 'off' : 'on';
  } catch {
    return 'unknown';
  }
}

/** Whether `/proc/self/limits` allows no core file, as `ulimit -c 0` leaves it. */
export function isLimitZero(limits: string): boolean {
  return /^Max core file size\s+0\s/m.test(limits);
}
