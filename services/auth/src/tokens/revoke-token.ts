import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { TokenDeps } from './token-deps.ts';
import { usageClaimsSchema, verifyToken } from './verify-token.ts';

/**
 * Revokes one signer or user token of an app before it expires. A JWT cannot be deleted; its id
 * is written where billing reads it in the next hold.
 *
 * @returns `not_found` for anything but a live token of this app.
 */
export async function revokeToken(
  deps: TokenDeps & ChangeIdentityDeps,
  input: { appId: string; token: string; actor: string; requestId?: string | undefined },
): Promise<Outcome<undefined, 'not_found'>> {
  const { appId, actor, requestId } = input;
  const verified = await verifyToken(deps, input.token, {
    audience: deps.issuer,
    schema: usageClaimsSchema,
  });
  if (!verified.ok || verified.value.client_id !== appId) return refused('not_found');
  const { jti } = verified.value;
  await changeIdentity(deps, async (tx, record) => {
    record({ kind: 'jti', id: jti, appId, status: 'revoked' });
    await recordAudit(tx, { action: 'token.revoked', actor, appId, target: jti, requestId });
  });
  return ok(undefined);
}
