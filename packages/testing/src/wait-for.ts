import { setTimeout as sleep } from 'node:timers/promises';
import { TESTING_LIMITS } from './limits.ts';

/**
 * Asks again until the answer is neither false, null nor undefined, and returns it. A throw
 * counts as "not yet".
 *
 * @throws Error after `timeoutMs`, naming `what`; the last fault is its cause.
 */
export async function waitFor<T>(
  ask: () => T | Promise<T>,
  options: { what?: string; timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const timeoutMs = options.timeoutMs ?? TESTING_LIMITS.waitForMs;
  const until = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined) {
        return answer as Exclude<T, false | null | undefined>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= until) {
      throw new Error(`waited ${timeoutMs} ms for ${options.what ?? 'a condition'}`, { cause });
    }
    await sleep(options.intervalMs ?? TESTING_LIMITS.waitForIntervalMs);
  }
}
