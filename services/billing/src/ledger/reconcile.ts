import type { Sql } from '@clearinghouse/shared';
import { type ChainFault, findChainFaults } from '../chain/find-chain-faults.ts';
import { findFaults, type ReconcileFault } from './find-faults.ts';

/** A fault of the books themselves, or a difference to the chain. */
export type BookFault = ReconcileFault | ChainFault;

/**
 * Proves the books: the ledger balances, what is stored is what its entries, holds and events sum
 * to, every settled hold is one event, and every charge is exact up to the carried remainder. And
 * they agree with the chain: deposit, reserve, redemptions. Reads one snapshot, so payments go on
 * meanwhile.
 *
 * @returns every fault found; none means that the books are right.
 */
export async function reconcile(deps: { readonly sql: Sql }): Promise<readonly BookFault[]> {
  let faults: readonly BookFault[] = [];
  await deps.sql.begin('isolation level repeatable read read only', async (tx) => {
    await tx`set local statement_timeout = 0`;
    faults = [...(await findFaults(tx)), ...(await findChainFaults(tx))];
  });
  return faults;
}
