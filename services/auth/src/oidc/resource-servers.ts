import { SIGN_JOB_SCOPE, SIGNER_TOKEN_TTL_SEC } from '@clearinghouse/shared';
import type { AccessToken, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { LIMITS } from '../limits.ts';
import { ownMetadata } from './client-metadata.ts';
import type { SubjectOf } from './subject-of-account.ts';

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;
type Resources = { readonly issuer: string; readonly managementAudience: string };

/** What a person may be given for the management API, by the operator's own apps alone. */
export const MANAGE_SCOPE = 'manage';

/**
 * Resources that people's tokens may be asked for (RFC 8707): the issuer itself, for signing
 * jobs, and for the operator's own apps the management API. The one whose scope is asked for is
 * also what is meant when none is named; with OpenID scopes alone none is, since a token for a
 * resource is refused by userinfo.
 */
export function resourceIndicators(resources: Resources): ResourceIndicators {
  const { issuer, managementAudience } = resources;
  return {
    enabled: true,
    defaultResource: (ctx, _client, oneOf) => oneOf ?? resourceOf(ctx, resources) ?? [],
    useGrantedResource: (_ctx, model) =>
      model.scopes.has(SIGN_JOB_SCOPE) || model.scopes.has(MANAGE_SCOPE),
    getResourceServerInfo: (_ctx, resource, client) => {
      if (resource === issuer) return jwtResource(issuer, SIGN_JOB_SCOPE, SIGNER_TOKEN_TTL_SEC);
      const isOwnApp = ownMetadata(client).ch_first_party === true;
      if (resource !== managementAudience || !isOwnApp) throw new errors.InvalidTarget();
      return jwtResource(managementAudience, MANAGE_SCOPE, LIMITS.managementTokenTtlSec);
    },
  };
}

function jwtResource(audience: string, scope: string, ttlSec: number) {
  return {
    scope,
    audience,
    accessTokenFormat: 'jwt',
    accessTokenTTL: ttlSec,
    jwt: { sign: { alg: 'ES256' } },
  } as const;
}

function resourceOf(ctx: KoaContextWithOIDC, resources: Resources): string | undefined {
  const scope = ctx.oidc.params?.scope;
  const asked = typeof scope === 'string' ? scope.split(' ') : [];
  if (asked.includes(SIGN_JOB_SCOPE)) return resources.issuer;
  return asked.includes(MANAGE_SCOPE) ? resources.managementAudience : undefined;
}

type JwtCustomizer = NonNullable<
  NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']
>;

/**
 * Makes the claims by which the signer, billing and our API know a person's token, whichever grant
 * it came from: for signing the app and its user (see `signer-token.ts` of the contracts), for
 * the API the person.
 */
export function createTokenClaims(
  deps: Resources & { readonly subjectOf: SubjectOf },
): JwtCustomizer {
  return async (ctx, token, parts) => {
    const { accountId, clientId, grantId, client } = token as AccessToken;
    const { payload } = parts;
    if (accountId === undefined || !client) throw new errors.InvalidGrant('token of nobody');
    if (grantId !== undefined) payload.grant_id = grantId;
    payload.azp = clientId;
    if (payload.aud === deps.managementAudience) {
      payload.sub = accountId;
      return;
    }
    const user = await deps.subjectOf(ctx, accountId, client);
    if (user.status !== 'active') throw new errors.InvalidGrant('user inactive');
    payload.sub = user.id;
    payload.usage_subject = user.id;
    payload.external_user_id = user.externalUserId;
    payload.client_id = user.appId;
  };
}
