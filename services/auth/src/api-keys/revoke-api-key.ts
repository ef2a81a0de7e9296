import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { markKeyRevoked } from './api-key-store.ts';

/**
 * Revokes a key: the next verification and the next hold refuse it. Revoking it again is fine.
 *
 * @returns `not_found` when the app has no such key.
 */
export async function revokeApiKey(
  deps: ChangeIdentityDeps,
  input: {
    appId: string;
    keyId: string;
    reason: string;
    actor: string;
    requestId?: string | undefined;
  },
): Promise<Outcome<undefined, 'not_found'>> {
  const { appId, keyId, reason, actor, requestId } = input;
  const revoked = await changeIdentity(deps, async (tx, record) => {
    const done = await markKeyRevoked(tx, { appId, keyId, reason });
    if (done === undefined) return undefined;
    record({ kind: 'key', id: keyId, appId, status: 'revoked' });
    if (done) {
      await recordAudit(tx, {
        action: 'key.revoked',
        actor,
        appId,
        target: keyId,
        reason,
        requestId,
      });
    }
    return done;
  });
  return revoked === undefined ? refused('not_found') : ok(undefined);
}
