import type { Sql } from '@clearinghouse/shared';
import { type Configuration, errors } from 'oidc-provider';
import { LIMITS } from '../limits.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { type AdapterDeps, createAdapterFactory } from './adapter.ts';
import { CLIENT_PROPERTIES } from './client-metadata.ts';
import { createFindAccount } from './find-account.ts';
import { renderError } from './render-error.ts';
import { createExtraTokenClaims, resourceIndicators } from './resource-servers.ts';

export type ProviderDeps = AdapterDeps & {
  readonly db: Sql;
  readonly issuer: string;
  /** At least two: the first signs, all verify; a new one is put in front. */
  readonly cookieKeys: readonly string[];
};

const HOUR_SEC = 3_600;
const DAY_SEC = 24 * HOUR_SEC;
const SIGNING_ALGS = ['RS256', 'ES256'] as const;

/** Every option of oidc-provider that differs from its default, with its reason. */
export function providerOptions(deps: ProviderDeps, keys: KeyRing): Configuration {
  return {
    adapter: createAdapterFactory(deps),
    // All clients come from the database at each request; none is static.
    clients: [],
    jwks: { keys: keys.all.map((key) => key.privateJwk) },
    findAccount: createFindAccount(deps),
    extraTokenClaims: createExtraTokenClaims(deps),
    // No implicit and no hybrid flow, and neither is advertised.
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', 'email', 'profile'],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username'],
    },
    subjectTypes: ['public'],
    // A redirect URI is always compared, never guessed.
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    clockTolerance: LIMITS.clockToleranceSec,
    rotateRefreshToken: true,
    // Not one of these may be an OpenID default that changes under us.
    ttl: {
      AuthorizationCode: 60,
      AccessToken: 300,
      ClientCredentials: LIMITS.managementTokenTtlSec,
      DeviceCode: 600,
      IdToken: 300,
      Interaction: 600,
      RefreshToken: 30 * DAY_SEC,
      Session: 14 * DAY_SEC,
      // As long as the longest refresh token: an expired grant ends every one of them.
      Grant: 60 * DAY_SEC,
    },
    cookies: cookieOptions(deps),
    extraClientMetadata: { properties: [...CLIENT_PROPERTIES] },
    clientBasedCORS: (_ctx, origin, client) => {
      const allowed = client.allowed_origins;
      return origin !== 'null' && Array.isArray(allowed) && allowed.includes(origin);
    },
    enabledJWA: {
      idTokenSigningAlgValues: [...SIGNING_ALGS],
      clientAuthSigningAlgValues: [...SIGNING_ALGS, 'EdDSA'],
    },
    features: features(deps.issuer),
    renderError,
  };
}

function cookieOptions(deps: ProviderDeps): Configuration['cookies'] {
  const isHttps = deps.issuer.startsWith('https:');
  const shared = { httpOnly: true, sameSite: 'lax', secure: isHttps, signed: true } as const;
  // __Host- would need path "/", and the interaction's cookies are bound to their own path.
  const prefix = isHttps ? '__Secure-' : '';
  return {
    keys: [...deps.cookieKeys],
    names: {
      session: `${prefix}ch_session`,
      interaction: `${prefix}ch_interaction`,
      resume: `${prefix}ch_resume`,
    },
    long: shared,
    short: shared,
  };
}

function features(issuer: string): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    // Sessions of a device are added together with their pages.
    deviceFlow: { enabled: false },
    claimsParameter: { enabled: false },
    requestObjects: { enabled: false },
    registration: { enabled: false },
    mTLS: { enabled: false },
    // Neither the signer nor our own grants check a proof: a bound token would only look safer.
    dPoP: { enabled: false },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: resourceIndicators(issuer),
    // Opaque tokens only; a confidential client sees those of its own app and no other.
    introspection: {
      enabled: true,
      allowedPolicy: async (ctx, client, token) => {
        if (client.clientAuthMethod === 'none' || token.clientId === undefined) return false;
        const owner = await ctx.oidc.provider.Client.find(token.clientId);
        return owner !== undefined && owner.ch_app_id === client.ch_app_id;
      },
    },
    revocation: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) => {
        if (token.clientId === client.clientId) return true;
        throw new errors.InvalidRequest('client is not authorized to revoke the presented token');
      },
    },
  };
}
