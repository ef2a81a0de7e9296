import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { appOfToken, type IntrospectDeps } from './introspect-token.ts';
import { verifyAccessToken } from './verify-access-token.ts';

export type RevokeOwnDeps = ChangeIdentityDeps & IntrospectDeps;

/**
 * Revokes an access token that is a JWT, for the client that it was issued to (RFC 7009). The
 * token cannot be deleted; its id is written where billing reads it in the next hold. A token
 * that is none, or has expired, is revoked already.
 *
 * @returns `insufficient_scope` for a live token of another client.
 */
export async function revokeOwnToken(
  deps: RevokeOwnDeps,
  input: { token: string; clientId: string; requestId?: string | undefined },
): Promise<Outcome<undefined, 'insufficient_scope'>> {
  const { clientId, requestId } = input;
  const verified = await verifyAccessToken(deps, input.token);
  if (!verified.ok) return ok(undefined);
  const { jti, azp, client_id } = verified.value;
  if ((azp ?? client_id) !== clientId) return refused('insufficient_scope');
  const appId = await appOfToken(deps, verified.value);
  await changeIdentity(deps, async (tx, record) => {
    record({ kind: 'jti', id: jti, appId: appId ?? clientId, status: 'revoked' });
    const entry = { action: 'token.revoked', actor: clientId, appId, target: jti, requestId };
    await recordAudit(tx, entry);
  });
  return ok(undefined);
}
