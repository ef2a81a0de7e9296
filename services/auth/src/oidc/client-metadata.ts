import { randomBytes } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';
import { type Client, type ClientSecret, isUsable } from '../clients/client.ts';

export const TOKEN_EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Our own members of client metadata; oidc-provider carries them without reading them. */
export const CLIENT_PROPERTIES = [
  'ch_app_id',
  'ch_kind',
  'ch_scopes',
  'ch_secrets',
  'allowed_origins',
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
    client_id: client.id,
    client_name: client.name,
    ch_app_id: client.appId ?? '',
    ch_kind: client.kind,
    ch_scopes: client.scopes,
    ch_secrets: client.secrets.map(({ sha256, expiresAt }) => ({
      sha256: sha256.toString('hex'),
      expiresAtMs: expiresAt === null ? null : expiresAt.getTime(),
    })),
  };
  return client.kind === 'public' ? publicMetadata(client, own) : machineMetadata(client, own);
}

/** The secrets as they were put into metadata. */
export function secretsOf(value: unknown): ClientSecret[] {
  const secrets = (value ?? []) as { sha256: string; expiresAtMs: number | null }[];
  return secrets.map(({ sha256, expiresAtMs }) => ({
    sha256: Buffer.from(sha256, 'hex'),
    expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs),
  }));
}

function machineMetadata(client: Client, own: object): AdapterPayload {
  return {
    ...own,
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: PLACEHOLDER_SECRET,
    grant_types: [
      'client_credentials',
      ...(client.kind === 'machine' ? [TOKEN_EXCHANGE_GRANT, 'refresh_token'] : []),
    ],
    response_types: [],
    redirect_uris: [],
  };
}

/** A public client logs users in once it has a redirect URI, and may always ask for a device. */
function publicMetadata(client: Client, own: object): AdapterPayload {
  const redirectUris = client.metadata.redirect_uris;
  const hasRedirect = Array.isArray(redirectUris) && redirectUris.length > 0;
  return {
    ...client.metadata,
    ...own,
    token_endpoint_auth_method: 'none',
    application_type: client.metadata.application_type === 'native' ? 'native' : 'web',
    grant_types: ['refresh_token', ...(hasRedirect ? ['authorization_code'] : [])],
    response_types: hasRedirect ? ['code'] : [],
    redirect_uris: hasRedirect ? redirectUris : [],
  };
}
