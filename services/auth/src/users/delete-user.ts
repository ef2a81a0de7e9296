import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { revokeKeysOfUser } from '../api-keys/api-key-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { revokeGrantsOfUser } from '../grants/revoke-grants.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { deleteTokensOfUser } from './refresh-token-store.ts';
import { markUserDeleted } from './user-store.ts';

/**
 * Deletes a user: its keys and tokens are revoked with it, its usage stays.
 *
 * @returns `not_found` when the app has no such user.
 */
export async function deleteUser(
  deps: ChangeIdentityDeps,
  input: { appId: string; externalUserId: string; actor: string; requestId?: string | undefined },
): Promise<Outcome<undefined, 'not_found'>> {
  const { appId, externalUserId, actor, requestId } = input;
  const found = await changeIdentity(deps, async (tx, record) => {
    // While the user can still be told by its name.
    await revokeGrantsOfUser(tx, record, { ...input, reason: 'user deleted' });
    const userId = await markUserDeleted(tx, appId, externalUserId);
    if (userId === undefined) return false;
    record({ kind: 'user', id: userId, appId, status: 'revoked' });
    for (const id of await revokeKeysOfUser(tx, userId, { reason: 'user deleted' })) {
      record({ kind: 'key', id, appId, status: 'revoked' });
    }
    await deleteTokensOfUser(tx, userId);
    await recordAudit(tx, { action: 'user.deleted', actor, appId, target: userId, requestId });
    return true;
  });
  return found ? ok(undefined) : refused('not_found');
}
