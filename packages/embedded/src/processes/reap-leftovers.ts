import { setTimeout as sleep } from 'node:timers/promises';
import { EMBEDDED_LIMITS } from '../limits.ts';
import { type PidRecord, readPidFiles, removePidFile } from './pid-file.ts';
import { isSameProcess } from './process-identity.ts';
import { signalGroup, signalProcess } from './signal-group.ts';

/**
 * Ends what an earlier run that was killed has left behind, in stop order. A process is touched
 * only when its number, its start time and its command line are the ones noted down.
 *
 * @returns the names of those that still ran.
 */
export async function reapLeftovers(
  pidFolder: string,
  options: { graceMs?: number } = {},
): Promise<string[]> {
  const reaped: string[] = [];
  for (const record of readPidFiles(pidFolder)) {
    if (isSameProcess(record)) {
      await endProcess(record, options.graceMs ?? EMBEDDED_LIMITS.stopGraceMs);
      reaped.push(record.name);
    }
    removePidFile(pidFolder, record.name);
  }
  return reaped;
}

async function endProcess(record: PidRecord, graceMs: number): Promise<void> {
  signalProcess(record.pid, record.stopSignal);
  const until = Date.now() + graceMs;
  while (isSameProcess(record) && Date.now() < until) await sleep(EMBEDDED_LIMITS.pollMs);
  if (!isSameProcess(record)) return;
  signalGroup(record.pid, 'SIGKILL');
  while (isSameProcess(record)) await sleep(EMBEDDED_LIMITS.pollMs);
}
