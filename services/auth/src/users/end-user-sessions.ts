import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { revokeKeysOfUser } from '../api-keys/api-key-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { revokeGrantsOfUser } from '../grants/revoke-grants.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { deleteTokensOfUser } from './refresh-token-store.ts';
import { findUserByExternalId } from './user-store.ts';

/**
 * Ends the sessions of a user: opaque sessions at the next request, refresh tokens at once. A
 * signer token that is out runs for its five minutes; deactivating the user stops that too.
 *
 * @returns how many sessions ended; `not_found` when the app has no such user.
 */
export async function endUserSessions(
  deps: ChangeIdentityDeps,
  input: { appId: string; externalUserId: string; actor: string; requestId?: string | undefined },
): Promise<Outcome<{ ended: number }, 'not_found'>> {
  const { appId, externalUserId, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const user = await findUserByExternalId(tx, appId, externalUserId);
    if (!user) return refused('not_found');
    const reason = 'sessions ended by API';
    const ids = await revokeKeysOfUser(tx, user.id, { reason, sessionsOnly: true });
    for (const id of ids) record({ kind: 'key', id, appId, status: 'revoked' });
    await deleteTokensOfUser(tx, user.id);
    const grants = await revokeGrantsOfUser(tx, record, { ...input, reason });
    const entry = { action: 'user.sessions_ended', actor, appId, target: user.id, requestId };
    await recordAudit(tx, { ...entry, detail: { ended: ids.length + grants } });
    return ok({ ended: ids.length + grants });
  });
}
