import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '@clearinghouse/shared';

const POLL_MS = 500;
/** Longer than an ask for money lives: what was on its way has come, or never will. */
const STILL_MS = 5_000;

/**
 * Waits until no hold is open or disputed any more, and none came for a while.
 *
 * @returns seconds waited; when `timeoutMs` was not enough the checks will say so.
 */
export async function waitQuiet(sql: Sql, timeoutMs: number): Promise<number> {
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  let holds = -1n;
  let stillSinceMs = 0;
  while (elapsedMs() < timeoutMs) {
    const [row] = await sql<{ holds: bigint; open: bigint }[]>`
      select count(*) as holds, count(*) filter (where state in (0, 4)) as open
      from billing.holds`;
    if (row?.open !== 0n || row.holds !== holds) stillSinceMs = elapsedMs();
    if (elapsedMs() - stillSinceMs >= STILL_MS) break;
    holds = row?.holds ?? -1n;
    await sleep(POLL_MS);
  }
  return elapsedMs() / 1000;
}
