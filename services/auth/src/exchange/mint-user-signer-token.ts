import { SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { mintSignerToken } from '../tokens/mint-signer-token.ts';
import { type OAuthOutcome, refuseGrant, refuseOAuth } from '../tokens/oauth-refusal.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import { upsertUser } from '../users/upsert-user.ts';
import { externalUserIdSchema } from '../users/user.ts';
import { findUserByExternalId } from '../users/user-store.ts';
import type { Caller, FetchBalance, TokenAnswer } from './caller.ts';

export type MintUserDeps = ChangeIdentityDeps & { readonly fetchBalance: FetchBalance };

/**
 * Mints a signer token for a user of the caller's app, and provisions a user it has not seen.
 * The answer always holds the balance (clients insist on it): without billing there is no token.
 */
export async function mintUserSignerToken(
  deps: TokenDeps & MintUserDeps,
  input: { caller: Caller; externalUserId: string | undefined },
): Promise<OAuthOutcome<TokenAnswer>> {
  const { appId, clientId } = input.caller;
  if (appId === undefined) return refuseOAuth('unauthorized_client', 'the client has no app');
  const parsed = externalUserIdSchema.safeParse(input.externalUserId);
  if (!parsed.success) return refuseOAuth('invalid_request', 'external_user_id is not valid');
  const externalUserId = parsed.data;
  const known = await findUserByExternalId(deps.db, appId, externalUserId);
  const user = known ?? (await upsertUser(deps, { appId, externalUserId, actor: clientId })).user;
  if (user.status !== 'active') return refuseGrant('user inactive');
  const balance = await deps.fetchBalance({ appId, externalUserId, clientId });
  if (!balance) return refuseOAuth('billing_unavailable', 'the balance cannot be read now');
  const minted = await mintSignerToken(deps, {
    appId,
    subject: { kind: 'user', userId: user.id, externalUserId },
    callingClient: clientId,
  });
  return {
    ok: true,
    value: {
      access_token: minted.accessToken,
      token_type: 'Bearer',
      expires_in: minted.expiresInSec,
      scope: SIGN_JOB_SCOPE,
      ...balance,
    },
  };
}
