import { setTimeout as sleep } from 'node:timers/promises';
import { type Usage, usageBetween } from './read-usage.ts';

const TIMEOUT_MS = 30_000;
const POLL_MS = 200;

/**
 * Reads usage until it counts every payment.
 *
 * @returns what was used since `before`; short of payments when they did not come in time, so
 * that the comparison can say so.
 */
export async function awaitSettlement(
  read: () => Promise<Usage>,
  input: { readonly before: Usage; readonly payments: number },
): Promise<Usage> {
  const untilMs = Date.now() + TIMEOUT_MS;
  for (;;) {
    const used = usageBetween(input.before, await read());
    if (used.totals.requests >= input.payments || Date.now() > untilMs) return used;
    await sleep(POLL_MS);
  }
}
