import type { Sql } from '@clearinghouse/shared';
import { findFaults, type ReconcileFault } from './find-faults.ts';

/**
 * Proves the books: the ledger balances, what is stored is what its entries, holds and events sum
 * to, every settled hold is one event, and every charge is exact up to the carried remainder.
 * Reads one snapshot, so payments go on meanwhile.
 *
 * @returns every fault found; none means that the books are right.
 */
export async function reconcile(deps: { readonly sql: Sql }): Promise<readonly ReconcileFault[]> {
  let faults: readonly ReconcileFault[] = [];
  await deps.sql.begin('isolation level repeatable read read only', async (tx) => {
    await tx`set local statement_timeout = 0`;
    faults = await findFaults(tx);
  });
  return faults;
}
