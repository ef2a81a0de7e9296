import { type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { findStopped, type IdentityChange } from '../identity/principal-status.ts';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { signUsageToken } from '../tokens/mint-signer-token.ts';
import { judgeRefresh } from '../tokens/refresh-verdict.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import type { UserToken } from './issue-user-token.ts';
import {
  deleteTokensOfGrant,
  findUserRefreshState,
  insertRefreshToken,
  lockRefreshToken,
  type RefreshToken,
  useUserRefreshToken,
} from './refresh-token-store.ts';
import { findUserById } from './user-store.ts';

/**
 * Exchanges a user's refresh token for a new pair. Each is used once, with the grace of
 * `refresh-verdict.ts`; otherwise the whole grant is revoked, since one of the two holders is a
 * thief (RFC 9700, section 4.14). The family ends when its first token would have.
 *
 * @returns `invalid_token` for anything but a live token of this client.
 */
export async function refreshUserToken(
  deps: TokenDeps & ChangeIdentityDeps,
  input: { refreshToken: string; clientId: string },
): Promise<Outcome<UserToken, 'invalid_token'>> {
  const next = mintSecret('lp_rt_');
  const parent = await changeIdentity(deps, (tx, record) => rotate(tx, record, input, next));
  if (!parent.ok) return parent;
  const { token, externalUserId } = parent.value;
  const accessToken = await signUsageToken(deps, {
    appId: token.appId,
    subject: { kind: 'user', userId: token.userId, externalUserId },
    callingClient: token.clientId,
    grantId: token.grantId,
    ttlSec: LIMITS.userTokenTtlSec,
  });
  const { scope } = token;
  return ok({ accessToken, refreshToken: next, expiresInSec: LIMITS.userTokenTtlSec, scope });
}

async function rotate(
  tx: Transaction,
  record: (change: IdentityChange) => void,
  input: { refreshToken: string; clientId: string },
  next: string,
): Promise<Outcome<{ token: RefreshToken; externalUserId: string }, 'invalid_token'>> {
  const sha256 = hashSecret(input.refreshToken);
  const token = await lockRefreshToken(tx, sha256);
  const state = token && (await findUserRefreshState(tx, sha256));
  if (!token || !state) return refused('invalid_token', 'unknown');
  if (token.clientId !== input.clientId || judgeRefresh(state) === 'reused') {
    await revokeGrant(tx, record, token, input.clientId);
    return refused('invalid_token', 'used before, or by another client');
  }
  const user = await findUserById(tx, token.userId);
  const stopped = await findStopped(tx, [{ kind: 'grant', id: token.grantId }]);
  if (user?.status !== 'active' || stopped.length > 0) return refused('invalid_token', 'stopped');
  await useUserRefreshToken(tx, sha256);
  await insertRefreshToken(tx, { ...token, sha256: hashSecret(next), parentSha256: sha256 });
  return ok({ token, externalUserId: user.externalUserId });
}

async function revokeGrant(
  tx: Transaction,
  record: (change: IdentityChange) => void,
  token: RefreshToken,
  actor: string,
): Promise<void> {
  const { grantId, appId } = token;
  await deleteTokensOfGrant(tx, grantId);
  record({ kind: 'grant', id: grantId, appId, status: 'revoked' });
  const reason = 'refresh token used twice or by another client';
  await recordAudit(tx, { action: 'grant.revoked', actor, appId, target: grantId, reason });
}
