import {
  type SettleItem,
  type SettleResult,
  type Sql,
  withTransaction,
} from '@clearinghouse/shared';
import type { AccountIds } from '../ledger/ensure-accounts.ts';
import { postSettlements } from './post-settlements.ts';

export type SettleHoldsDeps = { readonly sql: Sql; readonly accountIds: AccountIds };

/**
 * Settles a batch of signed payments in one transaction and answers when it is committed.
 * Exactly once under duplicates, reordering and several workers: the state of the hold and the
 * ids of event and ledger transaction are its guards, so a lost connection is simply tried again.
 *
 * @returns one result for each item: `settled`, `already`, `late`, or, with an alarm, `mismatch`
 * and `unknown`.
 */
export async function settleHolds(
  deps: SettleHoldsDeps,
  items: readonly SettleItem[],
): Promise<SettleResult[]> {
  return await withTransaction(
    deps.sql,
    async (tx) => [...(await postSettlements(tx, deps, items))],
    { idempotent: true },
  );
}
