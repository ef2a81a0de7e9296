import { hash } from 'node:crypto';
import type { Clock, Principal } from '@clearinghouse/shared';
import { RUNTIME_LIMITS } from '../limits.ts';
import type { AuthOutcome } from './credential.ts';
import { createExpiringCache } from './expiring-cache.ts';
import type { KeySet } from './follow-key-set.ts';
import { type ParsedToken, parseToken, verifyToken } from './verify-token.ts';

/** Says who holds a signer token. Answers at once when the token was verified just now. */
export type TokenAuthenticator = {
  readonly authenticate: (token: string) => AuthOutcome | Promise<AuthOutcome>;
  /** Forgets every verified token. */
  readonly forget: () => void;
};

export type TokenAuthenticatorDeps = {
  readonly keys: Pick<KeySet, 'get' | 'find'>;
  readonly clock: Clock;
  readonly issuer: string;
};

const NS_PER_SEC = 1_000_000_000n;
const MS_PER_SEC = 1000;
const INVALID = { ok: false, code: 'invalid_token' } as const;

/**
 * Makes the authenticator of signer tokens (ES256 JWT, RFC 9068). A verified token is remembered
 * by its hash, for `identityCacheMs` at most and never past its end; keys by a key's id.
 *
 * Codes: invalid_token, unavailable (the key is unknown and the issuer cannot be asked).
 */
export function createTokenAuthenticator(deps: TokenAuthenticatorDeps): TokenAuthenticator {
  const { clock, keys, issuer } = deps;
  const verified = createExpiringCache<Principal>({
    entriesMax: RUNTIME_LIMITS.identitiesMax,
    monotonicMs: clock.monotonicMs,
  });
  const check = (
    token: ParsedToken,
    cacheKey: string,
    key: Parameters<typeof verifyToken>[1]['key'],
  ) => {
    const nowSec = Number(clock.nowNs() / NS_PER_SEC);
    const result = verifyToken(token, { key, issuer, nowSec });
    if (result === undefined) return INVALID;
    const leftMs = (result.expiresAtSec - nowSec - 1) * MS_PER_SEC;
    verified.set(cacheKey, result.principal, Math.min(RUNTIME_LIMITS.identityCacheMs, leftMs));
    return { ok: true, principal: result.principal } as const;
  };
  return {
    forget: verified.clear,
    authenticate: (text) => {
      const cacheKey = hash('sha256', text, 'base64');
      const principal = verified.get(cacheKey);
      if (principal !== undefined) return { ok: true, principal };
      const token = parseToken(text);
      if (token === undefined) return INVALID;
      const key = keys.get(token.kid);
      if (key !== undefined) return check(token, cacheKey, key);
      return keys.find(token.kid).then((found): AuthOutcome => {
        if (found === 'unknown') return INVALID;
        if (found === 'unavailable')
          return { ok: false, code: 'unavailable', detail: 'no key set' };
        return check(token, cacheKey, found);
      });
    },
  };
}
