import type { Sql } from '@clearinghouse/shared';
import { type Configuration, errors } from 'oidc-provider';
import { LIMITS } from '../limits.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { isUserId } from '../users/user.ts';
import { type AdapterDeps, createAdapterFactory } from './adapter.ts';
import { CLIENT_PROPERTIES, ownMetadata, rotatesRefreshTokens } from './client-metadata.ts';
import { loadExistingGrant } from './existing-grant.ts';
import { createFindAccount, type FindAccountDeps } from './find-account.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import { renderError } from './render-error.ts';
import { createTokenClaims, resourceIndicators } from './resource-servers.ts';
import { createSubjectOf, type SubjectDeps } from './subject-of-account.ts';
import { createUsersOfRequest, type FindUsers } from './users-of-request.ts';

export type ProviderDeps = AdapterDeps &
  FindUsers &
  Omit<FindAccountDeps, 'users'> &
  Omit<SubjectDeps, 'users'> & {
    readonly db: Sql;
    readonly issuer: string;
    readonly managementAudience: string;
    /** At least two: the first signs, all verify; a new one is put in front. */
    readonly cookieKeys: readonly string[];
    /** 32 bytes, the same on every replica. */
    readonly dpopNonceSecret: Buffer;
    /** Fetches what clients registered. */
    readonly guardedFetch: GuardedFetch;
    /** The pages that the library shows by itself; without them it shows its own. */
    readonly pageSources?: PageSources;
  };

type Features = NonNullable<Configuration['features']>;

/** What `page-sources.ts` draws. */
type PageSources = {
  readonly renderError: NonNullable<Configuration['renderError']>;
  readonly deviceFlow: Partial<NonNullable<Features['deviceFlow']>>;
  readonly rpInitiatedLogout: Partial<NonNullable<Features['rpInitiatedLogout']>>;
};

const SIGNING_ALGS = ['RS256', 'ES256'] as const;

/** Fixed, so that no release of the library moves them. */
const ROUTES = {
  authorization: '/auth',
  code_verification: '/device',
  device_authorization: '/device/auth',
  end_session: '/session/end',
  introspection: '/token/introspection',
  jwks: '/jwks',
  pushed_authorization_request: '/request',
  revocation: '/token/revocation',
  token: '/token',
  userinfo: '/me',
} as const;

/** Every option of oidc-provider that differs from its default, with its reason. */
export function providerOptions(deps: ProviderDeps, keys: KeyRing): Configuration {
  const users = createUsersOfRequest(deps);
  const subjectOf = createSubjectOf({ ...deps, users });
  return {
    adapter: createAdapterFactory(deps),
    // All clients come from the database at each request; none is static.
    clients: [],
    jwks: { keys: keys.all.map((key) => key.privateJwk) },
    fetch: deps.guardedFetch,
    routes: ROUTES,
    findAccount: createFindAccount({ ...deps, users }),
    loadExistingGrant,
    interactions: {
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
      policy: createInteractionPolicy(),
    },
    formats: { customizers: { jwt: createTokenClaims({ ...deps, subjectOf }) } },
    ...claimsAndSubjects(),
    // Who signed in as an app's user is that user, which needs no look.
    pairwiseIdentifier: async (ctx, accountId, client) =>
      isUserId(accountId) ? accountId : (await subjectOf(ctx, accountId, client)).id,
    // No implicit and no hybrid flow, and neither is advertised.
    responseTypes: ['code'],
    // A redirect URI is always compared, never guessed.
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: (_ctx, client) => ownMetadata(client).ch_pkce_exempt !== true },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    clockTolerance: LIMITS.clockToleranceSec,
    rotateRefreshToken: (ctx) => rotatesRefreshTokens(ctx.oidc.client),
    // Without offline_access a refresh token ends with the session that it came from.
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') &&
      (source.scopes.has('offline_access') || client.clientAuthMethod === 'none'),
    ttl: lifetimes(),
    cookies: cookieOptions(deps),
    extraClientMetadata: { properties: [...CLIENT_PROPERTIES] },
    clientBasedCORS: (_ctx, origin, client) => {
      const { allowed_origins: allowed } = ownMetadata(client);
      return origin !== 'null' && Array.isArray(allowed) && allowed.includes(origin);
    },
    enabledJWA: {
      idTokenSigningAlgValues: [...SIGNING_ALGS],
      clientAuthSigningAlgValues: [...SIGNING_ALGS, 'EdDSA'],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'RS256'],
    },
    features: features(deps),
    renderError: deps.pageSources?.renderError ?? renderError,
  };
}

function claimsAndSubjects(): Configuration {
  return {
    scopes: ['openid', 'offline_access', 'email', 'profile'],
    // Many relying parties read the ID token and never ask userinfo. Core 5.4 has the claims of
    // scopes at userinfo once there is an access token; 2 lets an ID token hold them too.
    conformIdTokenClaims: false,
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username'],
    },
    subjectTypes: ['public', 'pairwise'],
  };
}

/** Not one of these may be a default that changes under us. In seconds. */
function lifetimes(): NonNullable<Configuration['ttl']> {
  return {
    AuthorizationCode: 60,
    AccessToken: LIMITS.accessTokenTtlSec,
    ClientCredentials: LIMITS.managementTokenTtlSec,
    DeviceCode: LIMITS.deviceCodeTtlSec,
    IdToken: 300,
    Interaction: LIMITS.interactionTtlSec,
    RefreshToken: LIMITS.refreshTokenTtlSec,
    Session: (_ctx, session) => {
      const { loginTs } = session;
      const sinceLoginSec = loginTs === undefined ? 0 : Math.floor(Date.now() / 1000) - loginTs;
      return Math.max(1, Math.min(LIMITS.sessionIdleSec, LIMITS.sessionMaxSec - sinceLoginSec));
    },
    // The end of every refresh token under it, so longer than any of them and than the session.
    Grant: LIMITS.grantTtlSec,
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

function features(deps: ProviderDeps): Features {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true, ...deps.pageSources?.deviceFlow },
    claimsParameter: { enabled: false },
    requestObjects: { enabled: false },
    registration: { enabled: false },
    mTLS: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    // The signer takes no bound token, and neither does our own API: see docs/adr/0013.
    dPoP: { enabled: true, nonceSecret: deps.dpopNonceSecret, requireNonce: () => false },
    rpInitiatedLogout: { enabled: true, ...deps.pageSources?.rpInitiatedLogout },
    backchannelLogout: { enabled: true },
    resourceIndicators: resourceIndicators(deps),
    // A confidential client sees the tokens of its own app and no other.
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
