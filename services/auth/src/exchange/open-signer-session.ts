import { newId, SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import { UNRESTRICTED } from '../api-keys/api-key.ts';
import { insertApiKey, revokeOldSessions } from '../api-keys/api-key-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { type Peppers, pepperHash } from '../secrets/pepper.ts';
import type { TokenAnswer } from './caller.ts';

/** Token type of an opaque signer session, as clients of the builder API know it. */
export const SIGNER_SESSION_TYPE = 'urn:pmth:token-type:remote-signer-session';

export type OpenSessionDeps = ChangeIdentityDeps & { readonly peppers: Peppers };

/**
 * Opens an opaque session of 90 days for a user: an API key of that user, which the signer takes
 * as any other. Its machine client could mint tokens for the user as long as it liked, so this
 * gives it nothing that it had not; a user keeps the newest sessions only.
 */
export async function openSignerSession(
  deps: OpenSessionDeps,
  input: { appId: string; userId: string; clientId: string; requestId?: string | undefined },
): Promise<TokenAnswer> {
  const { appId, userId, clientId, requestId } = input;
  const key = mintSecret('lp_sk_live_');
  const [pepper] = deps.peppers;
  await changeIdentity(deps, async (tx, record) => {
    const { id } = await insertApiKey(tx, {
      ...UNRESTRICTED,
      id: newId('key'),
      appId,
      userId,
      kind: 'secret',
      mode: 'live',
      purpose: 'session',
      name: 'Signer session',
      displayPrefix: 'lp_sk_live_',
      last4: key.slice(-4),
      scopes: [SIGN_JOB_SCOPE],
      expiresAt: new Date(Date.now() + LIMITS.sessionTtlSec * 1000),
      keyHmac: pepperHash(pepper, hashSecret(key)),
      pepperVersion: pepper.version,
      createdBy: clientId,
    });
    record({ kind: 'key', id, appId, status: 'active' });
    for (const old of await revokeOldSessions(tx, userId, LIMITS.sessionsPerUserMax)) {
      record({ kind: 'key', id: old, appId, status: 'revoked' });
    }
    await recordAudit(tx, {
      action: 'session.opened',
      actor: clientId,
      appId,
      target: id,
      requestId,
    });
  });
  return {
    access_token: key,
    issued_token_type: SIGNER_SESSION_TYPE,
    token_type: 'Bearer',
    expires_in: LIMITS.sessionTtlSec,
    scope: SIGN_JOB_SCOPE,
  };
}
