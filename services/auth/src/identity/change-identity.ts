import { type Sql, type Transaction, withTransaction } from '@clearinghouse/shared';
import { type IdentityChange, writePrincipalStatus } from './principal-status.ts';

/** What every change of an app, user, client, key or grant needs. */
export type ChangeIdentityDeps = {
  readonly db: Sql;
  /** Tells the other services after the commit; they only drop caches. */
  readonly announce: (changes: readonly IdentityChange[]) => void;
};

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
