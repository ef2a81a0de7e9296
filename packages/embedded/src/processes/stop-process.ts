import { setTimeout as sleep } from 'node:timers/promises';
import { EMBEDDED_LIMITS } from '../limits.ts';
import { signalGroup, signalProcess } from './signal-group.ts';
import type { ProcessExit, StartedProcess } from './start-process.ts';

/**
 * Asks a child to stop, waits, and then ends its whole group. Safe to call twice and on a child
 * that has gone already.
 */
export async function stopProcess(
  child: StartedProcess,
  options: { signal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<ProcessExit> {
  if (!child.hasExited()) {
    signalProcess(child.pid, options.signal ?? child.stopSignal);
    const controller = new AbortController();
    const timeout = sleep(options.graceMs ?? EMBEDDED_LIMITS.stopGraceMs, undefined, {
      signal: controller.signal,
    }).catch(() => undefined);
    await Promise.race([child.exited, timeout]);
    controller.abort();
  }
  // What the child itself started and left behind is in its group.
  signalGroup(child.pid, 'SIGKILL');
  return child.exited;
}

/** Stops children one after the other, lowest `stopOrder` first; a fault does not end the row. */
export async function stopInOrder(children: readonly StartedProcess[]): Promise<void> {
  const faults: unknown[] = [];
  for (const child of [...children].sort((a, b) => a.stopOrder - b.stopOrder)) {
    await stopProcess(child).catch((fault: unknown) => faults.push(fault));
  }
  if (faults.length > 0) throw new AggregateError(faults, 'some processes could not be stopped');
}
