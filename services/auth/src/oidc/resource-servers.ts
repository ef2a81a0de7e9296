import { SIGN_JOB_SCOPE, SIGNER_TOKEN_TTL_SEC, type Sql } from '@clearinghouse/shared';
import type { AccessToken, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { findUserById } from '../users/user-store.ts';

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;

/**
 * Resources that user tokens may be asked for: the issuer itself (signing jobs). It is also what
 * is meant when none is named, unless only OpenID scopes are asked for, since a token for a
 * resource is refused by userinfo. Management tokens are not for users.
 */
export function resourceIndicators(issuer: string): ResourceIndicators {
  return {
    enabled: true,
    defaultResource: (ctx, _client, oneOf) => oneOf ?? (asksToSign(ctx) ? issuer : []),
    useGrantedResource: (_ctx, model) => model.scopes.has(SIGN_JOB_SCOPE),
    getResourceServerInfo: (_ctx, resource) => {
      if (resource !== issuer) throw new errors.InvalidTarget();
      return {
        scope: SIGN_JOB_SCOPE,
        audience: issuer,
        accessTokenFormat: 'jwt',
        accessTokenTTL: SIGNER_TOKEN_TTL_SEC,
        jwt: { sign: { alg: 'ES256' } },
      };
    },
  };
}

function asksToSign(ctx: KoaContextWithOIDC): boolean {
  const scope = ctx.oidc.params?.scope;
  return typeof scope === 'string' && scope.split(' ').includes(SIGN_JOB_SCOPE);
}

/** The claims by which the signer and billing know a user's token. */
export function createExtraTokenClaims(deps: { db: Sql }): Configuration['extraTokenClaims'] {
  return async (_ctx, token) => {
    if (token.kind !== 'AccessToken' || !token.aud) return undefined;
    const { accountId, clientId, grantId } = token as AccessToken;
    const user = await findUserById(deps.db, accountId);
    if (!user) throw new errors.InvalidGrant('user is gone');
    return {
      azp: clientId,
      usage_subject: user.id,
      external_user_id: user.externalUserId,
      ...(grantId === undefined ? {} : { grant_id: grantId }),
    };
  };
}
