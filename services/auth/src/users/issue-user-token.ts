import { newId, type Outcome, ok, refused, SIGN_JOB_SCOPE, type Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { signUsageToken } from '../tokens/mint-signer-token.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import { insertRefreshToken } from './refresh-token-store.ts';
import { findUserByExternalId } from './user-store.ts';

/** A user's access token and the refresh token that renews it once. */
export type UserToken = {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSec: number;
  readonly scope: string;
};

/**
 * Mints a token for a user of an app, on behalf of the app's machine client.
 *
 * @returns `not_found` for an unknown user, `suspended` for an inactive one.
 */
export async function issueUserToken(
  deps: TokenDeps & { db: Sql },
  input: { appId: string; externalUserId: string; clientId: string },
): Promise<Outcome<UserToken, 'not_found' | 'suspended'>> {
  const { appId, externalUserId, clientId } = input;
  const user = await findUserByExternalId(deps.db, appId, externalUserId);
  if (!user) return refused('not_found');
  if (user.status !== 'active') return refused('suspended');
  const grantId = newId('grant');
  const refreshToken = mintSecret('lp_rt_');
  await insertRefreshToken(deps.db, {
    sha256: hashSecret(refreshToken),
    grantId,
    appId,
    userId: user.id,
    clientId,
    scope: SIGN_JOB_SCOPE,
    expiresAt: new Date(deps.nowMs() + LIMITS.refreshTokenTtlSec * 1000),
  });
  const accessToken = await signUsageToken(deps, {
    appId,
    subject: { kind: 'user', userId: user.id, externalUserId },
    callingClient: clientId,
    grantId,
    ttlSec: LIMITS.userTokenTtlSec,
  });
  const expiresInSec = LIMITS.userTokenTtlSec;
  return ok({ accessToken, refreshToken, expiresInSec, scope: SIGN_JOB_SCOPE });
}
