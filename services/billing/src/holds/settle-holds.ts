import {
  runStage,
  type SettleItem,
  type SettleResult,
  type Sql,
  STAGES,
  sqlState,
  withTransaction,
} from '@clearinghouse/shared';
import type { AccountIds } from '../ledger/ensure-accounts.ts';
import { postSettlements } from './post-settlements.ts';
import { settleAtOnce } from './settle-at-once.ts';

export type SettleHoldsDeps = { readonly sql: Sql; readonly accountIds: AccountIds };

/** Nothing was written, and the careful way may succeed: key taken, deadlock, serialization. */
const DECLINED = new Set(['23505', '40P01', '40001']);

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
  return await runStage(STAGES['billing.ledger'], async () => {
    if (await isSettledAtOnce(deps, items)) return items.map(() => 'settled' as const);
    return await postInTransaction(deps, items);
  });
}

/** The careful way: each of its steps can be the last one before a crash. */
function postInTransaction(
  deps: SettleHoldsDeps,
  items: readonly SettleItem[],
): Promise<SettleResult[]> {
  return withTransaction(
    deps.sql,
    (tx) =>
      runStage(STAGES['billing.ledger.post'], async () => [
        ...(await postSettlements(tx, deps, items)),
      ]),
    { idempotent: true },
  );
}

async function isSettledAtOnce(
  deps: SettleHoldsDeps,
  items: readonly SettleItem[],
): Promise<boolean> {
  try {
    return await settleAtOnce(deps, items);
  } catch (error) {
    // A connection that was lost may have committed: the careful way finds out.
    const code = sqlState(error);
    if (!DECLINED.has(code) && !isConnectionFault(code)) throw error;
    return false;
  }
}

function isConnectionFault(code: string): boolean {
  return code.startsWith('08') || code === 'CONNECTION_CLOSED' || code === 'CONNECTION_ENDED';
}
