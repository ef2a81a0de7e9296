import { z } from 'zod';
import { isOriginPattern } from '../api-keys/match-origin.ts';
import { LIMITS } from '../limits.ts';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
/** RFC 8252, 7.1: a scheme of the app's own, in reverse domain order. */
const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;

/** An absolute URL without credentials, fragment or star; https, or http on this machine. */
const webUrl = z
  .string()
  .max(LIMITS.urlCharsMax)
  .refine((text) => isWebUrl(text), 'https (or http on this machine), no fragment, no credentials');
/** Compared exactly, letter by letter; a native app may have a scheme of its own. */
const redirectUri = z
  .string()
  .max(LIMITS.urlCharsMax)
  .refine((text) => isWebUrl(text) || isNativeUrl(text), 'not a redirect URI that is let through');
const origin = z
  .string()
  .max(255)
  .refine((text) => isOriginPattern(text) && !text.includes('*'), 'an exact origin');
const uris = z.array(redirectUri).max(LIMITS.redirectUrisMax);

/**
 * What a client says of itself: names of OpenID Connect's client metadata (RFC 7591), validated as
 * they are written, and our own `pkce_exempt`, `subject_type`, `rotate_refresh_token`.
 */
export const clientMetadataSchema = z
  .strictObject({
    application_type: z.enum(['web', 'native']),
    redirect_uris: uris,
    post_logout_redirect_uris: uris,
    backchannel_logout_uri: webUrl,
    backchannel_logout_session_required: z.boolean(),
    allowed_origins: z.array(origin).max(LIMITS.redirectUrisMax),
    logo_uri: webUrl,
    client_uri: webUrl,
    policy_uri: webUrl,
    tos_uri: webUrl,
    initiate_login_uri: webUrl,
    default_max_age: z.number().int().min(0).max(LIMITS.defaultMaxAgeSecMax),
    require_auth_time: z.boolean(),
    require_pushed_authorization_requests: z.boolean(),
    dpop_bound_access_tokens: z.boolean(),
    id_token_signed_response_alg: z.enum(['RS256', 'ES256']),
    subject_type: z.enum(['pairwise', 'public']),
    rotate_refresh_token: z.boolean(),
    pkce_exempt: z.boolean(),
    token_endpoint_auth_method: z.enum(['client_secret_basic', 'private_key_jwt']),
    jwks_uri: webUrl,
    jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(8) }),
  })
  .partial()
  .refine(({ jwks, jwks_uri }) => jwks === undefined || jwks_uri === undefined, {
    path: ['jwks'],
    message: 'jwks or jwks_uri, not both',
  })
  .refine(({ jwks }) => !jwks?.keys.some((key) => 'd' in key || 'k' in key), {
    path: ['jwks'],
    message: 'public keys only',
  })
  .refine(
    (metadata) =>
      metadata.token_endpoint_auth_method !== 'private_key_jwt' ||
      metadata.jwks !== undefined ||
      metadata.jwks_uri !== undefined,
    { path: ['jwks_uri'], message: 'private_key_jwt needs jwks or jwks_uri' },
  );

export type ClientMetadata = z.infer<typeof clientMetadataSchema>;

function isWebUrl(text: string): boolean {
  const url = parse(text);
  if (!url || text.includes('#') || url.username !== '' || url.password !== '') return false;
  if (text.includes('*') || text.includes('\\') || url.hostname.endsWith('.')) return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && LOOPBACK.has(url.hostname);
}

function isNativeUrl(text: string): boolean {
  const url = parse(text);
  return url !== undefined && PRIVATE_SCHEME.test(url.protocol) && !text.includes('#');
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
