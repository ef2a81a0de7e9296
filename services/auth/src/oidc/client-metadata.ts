import { randomBytes } from 'node:crypto';
import type { AdapterPayload, Client as ProviderClient } from 'oidc-provider';
import { type Client, type ClientSecret, isUsable } from '../clients/client.ts';

export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Our own members of client metadata; oidc-provider carries them without reading them. */
export const CLIENT_PROPERTIES = [
  'ch_app_id',
  'ch_kind',
  'ch_scopes',
  'ch_secrets',
  'ch_first_party',
  'ch_subject_type',
  'ch_pkce_exempt',
  'ch_rotates',
  'allowed_origins',
] as const;

/** What we put into metadata, as it is read back from the library's client. */
export type OwnMetadata = {
  readonly ch_app_id?: string;
  readonly ch_kind?: string;
  readonly ch_scopes?: readonly string[];
  readonly ch_first_party?: boolean;
  readonly ch_subject_type?: 'pairwise' | 'public';
  readonly ch_pkce_exempt?: boolean;
  readonly ch_rotates?: boolean;
  readonly allowed_origins?: readonly string[];
};

/** Members of a client's own metadata that oidc-provider reads; all others stay here. */
const READ_BY_PROVIDER = [
  'redirect_uris',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'allowed_origins',
  'logo_uri',
  'client_uri',
  'policy_uri',
  'tos_uri',
  'default_max_age',
  'require_auth_time',
  'require_pushed_authorization_requests',
  'dpop_bound_access_tokens',
  'id_token_signed_response_alg',
  'initiate_login_uri',
] as const;

/**
 * oidc-provider insists on a `client_secret` for confidential clients and compares it in clear;
 * the comparison is overridden, and this stands there so that nothing known would ever match.
 */
const PLACEHOLDER_SECRET = randomBytes(32).toString('hex');

/** The metadata of a client, or nothing when it or its app may not be used. */
export function clientMetadata(client: Client): AdapterPayload | undefined {
  if (!isUsable(client)) return undefined;
  const own = {
    ...readByProvider(client),
    ...authentication(client),
    client_id: client.id,
    client_name: client.name,
    ch_app_id: client.appId ?? '',
    ch_kind: client.kind,
    ch_scopes: client.scopes,
    ch_first_party: client.isFirstParty === true,
    ch_subject_type: client.metadata.subject_type === 'public' ? 'public' : 'pairwise',
    ch_rotates: client.metadata.rotate_refresh_token !== false || client.kind === 'public',
    ch_secrets: client.secrets.map(({ sha256, expiresAt }) => ({
      sha256: sha256.toString('hex'),
      expiresAtMs: expiresAt === null ? null : expiresAt.getTime(),
    })),
  };
  if (client.kind === 'machine' || client.kind === 'admin') return machineMetadata(client, own);
  return signInMetadata(client, own);
}

/** The secrets as they were put into metadata. */
export function secretsOf(value: unknown): ClientSecret[] {
  const secrets = (value ?? []) as { sha256: string; expiresAtMs: number | null }[];
  return secrets.map(({ sha256, expiresAtMs }) => ({
    sha256: Buffer.from(sha256, 'hex'),
    expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs),
  }));
}

/** Our own members of a client that oidc-provider has loaded. */
export function ownMetadata(client: ProviderClient | undefined): OwnMetadata {
  return (client ?? {}) as OwnMetadata;
}

/** Is each refresh token of this client used once? Confidential clients may opt out. */
export function rotatesRefreshTokens(client: ProviderClient | undefined): boolean {
  return ownMetadata(client).ch_rotates !== false;
}

function readByProvider(client: Client): Record<string, unknown> {
  const given = READ_BY_PROVIDER.flatMap((name) => {
    const value = client.metadata[name];
    return value === undefined || value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

/** How a client proves itself: by nothing, by its own key (RFC 7523), else by a secret. */
function authentication(client: Client): Record<string, unknown> {
  if (client.kind === 'public') return { token_endpoint_auth_method: 'none' };
  const { token_endpoint_auth_method: method, jwks, jwks_uri } = client.metadata;
  if (method === 'private_key_jwt') {
    const keys = jwks_uri === undefined ? { jwks } : { jwks_uri };
    return { token_endpoint_auth_method: method, ...keys };
  }
  return { token_endpoint_auth_method: 'client_secret_basic', client_secret: PLACEHOLDER_SECRET };
}

function machineMetadata(client: Client, own: object): AdapterPayload {
  return {
    ...own,
    grant_types: [
      'client_credentials',
      ...(client.kind === 'machine' ? [TOKEN_EXCHANGE_GRANT, 'refresh_token'] : []),
    ],
    response_types: [],
    redirect_uris: [],
  };
}

/** A client that people sign in with: by a redirect once it has one; a public one by a device. */
function signInMetadata(client: Client, own: object): AdapterPayload {
  const redirectUris = client.metadata.redirect_uris;
  const hasRedirect = Array.isArray(redirectUris) && redirectUris.length > 0;
  const isPublic = client.kind === 'public';
  return {
    ...own,
    ch_pkce_exempt: !isPublic && client.metadata.pkce_exempt === true,
    application_type: client.metadata.application_type === 'native' ? 'native' : 'web',
    grant_types: [
      'refresh_token',
      ...(hasRedirect ? ['authorization_code'] : []),
      ...(isPublic ? [DEVICE_CODE_GRANT] : [TOKEN_EXCHANGE_GRANT]),
    ],
    response_types: hasRedirect ? ['code'] : [],
    redirect_uris: hasRedirect ? redirectUris : [],
  };
}
