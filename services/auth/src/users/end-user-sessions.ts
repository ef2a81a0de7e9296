import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { revokeKeysOfUser } from '../api-keys/api-key-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { revokeGrantsOfUser } from '../grants/revoke-grants.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { deleteTokensOfUser } from './refresh-token-store.ts';
import { findUserByExternalId } from './user-store.ts';

/**
 * Ends the sessions of a user: opaque sessions, refresh tokens, and the user tokens that came with
 * them, all at the next request. A signer token that a machine or a key got for the user runs for its
 * five minutes; deactivating the user stops that too.
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
    const families = await deleteTokensOfUser(tx, user.id);
    // A refresh that is under way may write one more; the family's end holds for that too.
    for (const id of families) record({ kind: 'grant', id, appId, status: 'revoked' });
    const grants = await revokeGrantsOfUser(tx, record, { ...input, reason });
    const ended = ids.length + families.length + grants;
    const entry = { action: 'user.sessions_ended', actor, appId, target: user.id, requestId };
    await recordAudit(tx, { ...entry, detail: { ended } });
    return ok({ ended });
  });
}
