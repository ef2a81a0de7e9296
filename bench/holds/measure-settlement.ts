import type { GrantWire, SettleItem, Sql } from '@clearinghouse/shared';
import { settleHolds } from '../../services/billing/src/holds/settle-holds.ts';
import { randomHex } from '../../services/billing/src/testing/make-hold-item.ts';
import { readServerCpu } from './read-server-cpu.ts';

/** What settling costs: event, two sums, five ledger entries, balance, caps, outbox. */
export type SettleFigure = {
  readonly batch: number;
  readonly settlesPerSec: number;
  readonly nodeUs: number;
  readonly serverUs: number;
};

/** Settles grants in batches, one after the other. */
export async function measureSettlement(
  sql: Sql,
  grants: readonly GrantWire[],
  batch: number,
): Promise<SettleFigure> {
  const accountIds = new Map<string, bigint>();
  const items = grants.map(
    (grant): SettleItem => ({
      holdId: grant.holdId,
      ticketsHash: randomHex(32),
      paymentHash: grant.rebuild.paymentHash,
      signedAtNs: BigInt(Date.now()) * 1_000_000n,
    }),
  );
  const [nodeBefore, serverBefore] = [process.cpuUsage(), await readServerCpu(sql)];
  const startedMs = performance.now();
  for (let from = 0; from < items.length; from += batch) {
    const results = await settleHolds({ sql, accountIds }, items.slice(from, from + batch));
    if (results.some((result) => result !== 'settled')) throw new Error('not settled');
  }
  const elapsedMs = performance.now() - startedMs;
  const node = process.cpuUsage(nodeBefore);
  const serverUs = (await readServerCpu(sql)) - serverBefore;
  return {
    batch,
    settlesPerSec: Math.round((items.length / elapsedMs) * 1_000),
    nodeUs: Math.round((node.user + node.system) / items.length),
    serverUs: Math.round(serverUs / items.length),
  };
}
