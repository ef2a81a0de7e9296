import { newId, type Sql, type Transaction } from '@clearinghouse/shared';
import { findAccountById } from '../accounts/account-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { IdentityChange } from '../identity/principal-status.ts';
import { principalStatusOf, type User } from './user.ts';
import { findUserOf, insertUserOf } from './user-of-account-store.ts';

type Who = { readonly accountId: string; readonly appId: string };

/** Finds the user that an app knows a person as; undefined when the two have not met. */
export async function findUserOfAccount(deps: { db: Sql }, who: Who): Promise<User | undefined> {
  return findUserOf(deps.db, who);
}

/**
 * Finds or creates the user that an app knows a person as. Its external id is the account's id;
 * its own id is the subject that the app is told, so that two apps cannot compare their users.
 *
 * @throws Error when there is no such account or app: callers come with a live session.
 */
export async function userOfAccount(deps: ChangeIdentityDeps, who: Who): Promise<User> {
  const known = await findUserOf(deps.db, who);
  if (known) return known;
  return changeIdentity(deps, (tx, record) => createUserOf(tx, record, who));
}

async function createUserOf(
  tx: Transaction,
  record: (change: IdentityChange) => void,
  who: Who,
): Promise<User> {
  const { accountId, appId } = who;
  const account = await findAccountById(tx, accountId);
  if (!account) throw new Error('an app user of an account that does not exist');
  const status = account.status === 'active' ? 'active' : 'inactive';
  const id = newId('usr');
  const created = await insertUserOf(tx, { ...who, id, email: account.email, status });
  const user = created ?? (await findUserOf(tx, who));
  if (!user) throw new Error('the app has another user by the id of this account');
  if (!created) return user;
  record({ kind: 'user', id: user.id, appId, status: principalStatusOf(user.status) });
  const action = created.id === id ? 'user.created' : 'user.linked';
  await recordAudit(tx, { action, actor: accountId, appId, target: user.id });
  return user;
}
