import { type Sql, type Transaction, withTransaction } from '@clearinghouse/shared';
import { type IdentityChange, writePrincipalStatus } from './principal-status.ts';

/** What every change of an app, user, client, key or grant needs. */
export type ChangeIdentityDeps = {
  readonly db: Sql;
  /** Tells the other services after the commit; they only drop caches. */
  readonly announce: (changes: readonly IdentityChange[]) => void;
  /** A change under way that this one is a part of: committed with it or not at all. */
  readonly within?: ChangeUnderWay;
};

/** The transaction of a change, and where it records the principals whose status it sets. */
export type ChangeUnderWay = {
  readonly tx: Transaction;
  readonly record: (change: IdentityChange) => void;
};

/** Where a change that sets nobody's status is made: a transaction of its own, or one under way. */
export type TransactionDeps = Pick<ChangeIdentityDeps, 'db' | 'within'>;

/** Runs work in a transaction; in the one under way when there is one. */
export function inTransaction<T>(
  deps: TransactionDeps,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return deps.within ? work(deps.within.tx) : withTransaction(deps.db, work);
}

/**
 * Runs a change of an identity: its rows, `identity.principal_status` and the notice are
 * committed together or not at all.
 *
 * @param work records each principal whose status it sets.
 */
export async function changeIdentity<T>(
  deps: ChangeIdentityDeps,
  work: (tx: Transaction, record: (change: IdentityChange) => void) => Promise<T>,
): Promise<T> {
  if (deps.within) return work(deps.within.tx, deps.within.record);
  let committed: readonly IdentityChange[] = [];
  const result = await withTransaction(deps.db, async (tx) => {
    const changes: IdentityChange[] = [];
    const value = await work(tx, (change) => void changes.push(change));
    await writePrincipalStatus(tx, changes);
    committed = changes;
    return value;
  });
  if (committed.length > 0) deps.announce(committed);
  return result;
}
