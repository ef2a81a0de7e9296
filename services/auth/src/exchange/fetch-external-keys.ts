import { createLocalJWKSet, type JSONWebKeySet, type JWTHeaderParameters } from 'jose';
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import type { GuardedFetch } from '../oidc/guarded-fetch.ts';

/** Finds the key of another issuer that signed a token. */
export type ExternalKeys = (
  jwksUri: string,
  header: JWTHeaderParameters,
) => Promise<Awaited<ReturnType<LocalKeySet>>>;

type LocalKeySet = ReturnType<typeof createLocalJWKSet>;
type Kept = {
  readonly fetchedAtMs: number;
  readonly keys: Promise<LocalKeySet>;
  hasFailed: boolean;
};

const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })).max(LIMITS.externalKeysMax),
});
/** Public keys that we know; others in a set are passed over (RFC 7517, section 5). */
const KINDS: ReadonlySet<string> = new Set(['RSA', 'EC', 'OKP']);

/**
 * Keeps the key sets of other issuers. One is read again when it is old, or when a token names a
 * key that it has not; for the latter at most once in a while, so that tokens with made-up key
 * ids make no storm of fetches. Only the registered address is ever asked: `jku`, `x5u` and `jwk`
 * of a token's header are not looked at.
 */
export function createExternalKeys(deps: {
  guardedFetch: GuardedFetch;
  nowMs: () => number;
}): ExternalKeys {
  const kept = new Map<string, Kept>();
  const ageOf = (entry: Kept) => deps.nowMs() - entry.fetchedAtMs;
  const load = (jwksUri: string): Kept => {
    if (kept.size >= LIMITS.externalKeySetsMax) kept.clear();
    const keys = fetchKeys(deps.guardedFetch, jwksUri);
    const entry: Kept = { fetchedAtMs: deps.nowMs(), keys, hasFailed: false };
    keys.catch(() => {
      entry.hasFailed = true;
    });
    kept.set(jwksUri, entry);
    return entry;
  };
  /** The set as it is kept, read again when it is old; a failure is old after the pause. */
  const current = (jwksUri: string): Kept => {
    const known = kept.get(jwksUri);
    if (!known) return load(jwksUri);
    const keptForMs = known.hasFailed ? LIMITS.externalKeysCooldownMs : LIMITS.externalKeysKeptMs;
    return ageOf(known) < keptForMs ? known : load(jwksUri);
  };
  return async (jwksUri, header) => {
    const entry = current(jwksUri);
    const keys = await entry.keys;
    try {
      return await keys(header);
    } catch (error) {
      if (ageOf(entry) < LIMITS.externalKeysCooldownMs) throw error;
      // Of many tokens that miss a key at once, one asks.
      const newer = kept.get(jwksUri) === entry ? load(jwksUri) : current(jwksUri);
      return (await newer.keys)(header);
    }
  };
}

async function fetchKeys(guardedFetch: GuardedFetch, jwksUri: string): Promise<LocalKeySet> {
  const response = await guardedFetch(jwksUri, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new Error(`jwks_uri answered ${response.status}`);
  const { keys } = keySetSchema.parse(await response.json());
  const known = keys.filter(({ kty }) => KINDS.has(kty));
  return createLocalJWKSet({ keys: known } as JSONWebKeySet);
}
