import type { Logger } from '../log.ts';
import { QUEUE_LIMITS } from './limits.ts';

/** Warns of the same thing once a while, with the number of times it was left out. */
export type QuietLog = (message: string, reason: string, fields?: { queue: string }) => void;

/**
 * Makes a log that whoever can write to the queue cannot fill: one line for each message in
 * `faultLogMs`. A reason that is new is always told; reasons that have not been seen for long
 * leave the memory.
 */
export function createQuietLog(log: Logger, nowMs: () => number = Date.now): QuietLog {
  const seen = new Map<string, { quietUntilMs: number; alike: number }>();
  return (message, reason, fields) => {
    const key = `${message}\n${reason}`;
    const now = nowMs();
    const last = seen.get(key);
    if (last && now < last.quietUntilMs) {
      last.alike += 1;
      return;
    }
    if (seen.size >= QUEUE_LIMITS.quietReasonsMax) seen.clear();
    log.warn({ ...fields, reason, alike: last?.alike ?? 0 }, message);
    seen.set(key, { quietUntilMs: now + QUEUE_LIMITS.faultLogMs, alike: 0 });
  };
}
