import { readFileSync } from 'node:fs';

/** Resident memory of a process in MiB, from /proc. */
export function residentMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
  return Math.round(kib / 1024);
}

/** Processor time of a process so far, in seconds: user and system. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks / 100;
}
