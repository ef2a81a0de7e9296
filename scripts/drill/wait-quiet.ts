import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '@clearinghouse/shared';

const POLL_MS = 500;

/**
 * Waits until no hold is open or disputed any more.
 *
 * @returns seconds waited; when `timeoutMs` was not enough the checks will say so.
 */
export async function waitQuiet(sql: Sql, timeoutMs: number): Promise<number> {
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  while (elapsedMs() < timeoutMs) {
    const [row] = await sql<{ open: bigint }[]>`
      select count(*) as open from billing.holds where state in (0, 4)`;
    if (row?.open === 0n) break;
    await sleep(POLL_MS);
  }
  return elapsedMs() / 1000;
}
