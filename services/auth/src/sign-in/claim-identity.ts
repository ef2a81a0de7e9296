import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { lockAccount } from '../accounts/account-store.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { addIdentity, type ProvenIdentity } from './resolve-identity.ts';

/**
 * Adds a proven wallet or subject to the account of somebody who is signed in and asked for it.
 *
 * @returns `conflict` when it is an account's already, this one's too, or this one is gone.
 */
export async function claimIdentity(
  deps: ChangeIdentityDeps,
  input: { accountId: string; identity: ProvenIdentity },
): Promise<Outcome<undefined, 'conflict'>> {
  const { accountId, identity } = input;
  const isAdded = await changeIdentity(
    deps,
    async (tx) =>
      (await lockAccount(tx, accountId)) && (await addIdentity(tx, { ...identity, accountId })),
  );
  return isAdded ? ok(undefined) : refused('conflict');
}
