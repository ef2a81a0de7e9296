import { LIMITS } from '../limits.ts';
import { type OAuthOutcome, refuseOAuth } from './oauth-refusal.ts';

/** One scope (RFC 6749, section 3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Reads a `scope` parameter. Unlike oidc-provider, which drops what it does not know, a scope
 * outside `allowed` is an error: silence would hand out less than was asked for.
 */
export function parseScope(
  text: string | undefined,
  allowed: readonly string[],
): OAuthOutcome<readonly string[]> {
  if (text === undefined || text === '') return refuseOAuth('invalid_scope', 'scope is required');
  if (text.length > LIMITS.scopeCharsMax) return refuseOAuth('invalid_scope', 'scope is too long');
  const scopes = [...new Set(text.split(' '))];
  if (scopes.length > LIMITS.scopesMax || !scopes.every((scope) => SCOPE.test(scope))) {
    return refuseOAuth('invalid_scope', 'scope is not well formed');
  }
  if (!scopes.every((scope) => allowed.includes(scope))) {
    return refuseOAuth('invalid_scope', 'requested scope is not allowed');
  }
  return { ok: true, value: scopes };
}
