import { type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { deleteIdentity, findIdentities } from '../sign-in/identity-store.ts';
import { deletePasskey, findPasskeys } from '../sign-in/passkeys/passkey-store.ts';
import { findAccountById, lockAccount } from './account-store.ts';

/**
 * Takes a passkey, wallet or provider from an account.
 *
 * @returns `not_found` when the account has none of that id, `last_sign_in_method` when nobody
 * could sign in to it any more.
 */
export async function removeSignInMethod(
  deps: ChangeIdentityDeps,
  input: { accountId: string; kind: 'passkey' | 'identity'; id: string },
): Promise<Outcome<undefined, 'not_found' | 'last_sign_in_method'>> {
  const { accountId, kind, id } = input;
  return changeIdentity(deps, async (tx) => {
    // Two removals at once must not leave nothing.
    await lockAccount(tx, accountId);
    const known =
      kind === 'passkey' ? await findPasskeys(tx, accountId) : await findIdentities(tx, accountId);
    if (!known.some((one) => one.id === id)) return refused('not_found');
    if ((await countMethods(tx, accountId)) <= 1) return refused('last_sign_in_method');
    await (kind === 'passkey' ? deletePasskey : deleteIdentity)(tx, { accountId, id });
    const action = kind === 'passkey' ? 'account.passkey_removed' : 'account.identity_removed';
    await recordAudit(tx, { action, actor: accountId, target: accountId });
    return ok(undefined);
  });
}

/** An address alone is a way in too: by a new password. */
async function countMethods(tx: Transaction, accountId: string): Promise<number> {
  const account = await findAccountById(tx, accountId);
  const passkeys = await findPasskeys(tx, accountId);
  const identities = await findIdentities(tx, accountId);
  const password = account?.hasPassword && account.email !== null ? 1 : 0;
  return password + passkeys.length + identities.length;
}
