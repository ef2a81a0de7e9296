import { RUNTIME_LIMITS } from '../limits.ts';
import type { ApiKeyAuthenticator } from './authenticate-api-key.ts';
import type { TokenAuthenticator } from './authenticate-token.ts';
import type { AuthOutcome, Presented } from './credential.ts';

export type AuthenticateDeps = {
  readonly tokens: Pick<TokenAuthenticator, 'authenticate'>;
  readonly apiKeys: Pick<ApiKeyAuthenticator, 'authenticate'>;
};

/** Says who asks; at once for a credential that was looked at just now. */
export type Authenticate = (presented: Presented) => AuthOutcome | Promise<AuthOutcome>;

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;
const INVALID = { ok: false, code: 'invalid_token' } as const;

/**
 * Authenticates a request by its one credential, `Authorization: Bearer` with a signer token or
 * an API key (RFC 6750).
 *
 * Codes: invalid_token, suspended, insufficient_scope, browser_key_refused, unavailable.
 */
export function authenticate(
  deps: AuthenticateDeps,
  { authorization, fromBrowser }: Presented,
): AuthOutcome | Promise<AuthOutcome> {
  const header = authorization ?? '';
  if (header.length > RUNTIME_LIMITS.credentialCharsMax) return INVALID;
  const credential = BEARER.exec(header)?.[1];
  if (credential === undefined) return INVALID;
  if (isJwt(credential)) return deps.tokens.authenticate(credential);
  return deps.apiKeys.authenticate(credential, fromBrowser);
}

/** No API key has a point in it. */
function isJwt(credential: string): boolean {
  return credential.includes('.');
}
