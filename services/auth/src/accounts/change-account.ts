import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { principalStatusOf } from '../users/user.ts';
import { updateUsersOf } from '../users/user-of-account-store.ts';
import type { Account } from './account.ts';
import { findAccountById, updateAccount, updateAccountStatus } from './account-store.ts';
import { endEverything } from './end-sessions.ts';

/** Changes what a person is called; `not_found` when the account is gone. */
export async function renameAccount(
  deps: ChangeIdentityDeps,
  input: { accountId: string; displayName: string | null },
): Promise<Outcome<Account, 'not_found'>> {
  const { accountId, displayName } = input;
  const account = await updateAccount(deps.db, accountId, { displayName });
  return account ? ok(account) : refused('not_found');
}

/**
 * What the operator changes of a person: whether they may sign in, and whether they are an operator.
 *
 * @returns the account as it is now; `not_found`; `conflict` for the one who asks.
 */
export async function operateAccount(
  deps: ChangeIdentityDeps,
  input: {
    accountId: string;
    status?: 'active' | 'suspended' | undefined;
    isOperator?: boolean | undefined;
    actor: string;
    requestId?: string | undefined;
  },
): Promise<Outcome<Account, 'not_found' | 'conflict'>> {
  const { accountId, status, isOperator, actor, requestId } = input;
  if (accountId === actor) return refused('conflict');
  return changeIdentity(deps, async (tx, record) => {
    const within = { ...deps, within: { tx, record } };
    const known = await findAccountById(tx, accountId);
    if (!known || known.status === 'deleted') return refused('not_found');
    if (isOperator !== undefined && isOperator !== known.isOperator) {
      await updateAccount(tx, accountId, { isOperator });
      const action = isOperator ? 'account.operator_made' : 'account.operator_unmade';
      await recordAudit(tx, { action, actor, target: accountId, requestId });
    }
    if (status !== undefined && status !== known.status) {
      const outcome = await setAccountStatus(within, { accountId, status, actor, requestId });
      if (!outcome.ok) return outcome;
    }
    return ok((await findAccountById(tx, accountId)) ?? known);
  });
}

/**
 * Suspends a person, or lets one go on. A suspension ends every session and grant, and every app
 * user of the person may spend no more; both in one transaction. Going on undoes the latter, but for
 * users that their app has switched off.
 *
 * @returns `not_found` when there is no such account.
 */
export async function setAccountStatus(
  deps: ChangeIdentityDeps,
  input: {
    accountId: string;
    status: 'active' | 'suspended';
    actor: string;
    requestId?: string | undefined;
  },
): Promise<Outcome<Account, 'not_found'>> {
  const { accountId, status, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const account = await updateAccountStatus(tx, accountId, status);
    if (!account) return refused('not_found');
    const userStatus = status === 'active' ? 'active' : 'inactive';
    for (const { id, appId } of await updateUsersOf(tx, accountId, userStatus)) {
      record({ kind: 'user', id, appId, status: principalStatusOf(userStatus) });
    }
    if (status !== 'active') {
      await endEverything({ tx, record }, { accountId, reason: `account ${status}` });
    }
    await recordAudit(tx, { action: `account.${status}`, actor, target: accountId, requestId });
    return ok(account);
  });
}
