import type { KeyWithOwner } from '../api-keys/api-key.ts';
import { findKeysByHmac } from '../api-keys/api-key-store.ts';
import { createNoticedCache, type NoticedCacheDeps } from '../db/noticed-cache.ts';
import { LIMITS } from '../limits.ts';
import { type Peppers, pepperHash } from '../secrets/pepper.ts';

/** The channel on which the database says that some key, app or user changed. */
const KEYS_CHANNEL = 'auth_keys_changed';

/** Finds the key with this SHA-256 (hex), as it stood a moment ago. */
export type FindKey = (sha256Hex: string) => Promise<KeyWithOwner | undefined>;

/**
 * Keeps keys for five seconds at most, unknown ones too, so that a flood of made-up keys is not a
 * flood of queries; any change of a key, app or user empties it on every replica.
 */
export function createKeyFinder(deps: NoticedCacheDeps & { readonly peppers: Peppers }): {
  find: FindKey;
  forget: () => void;
  stop: () => Promise<void>;
} {
  const cache = createNoticedCache(deps, {
    channel: KEYS_CHANNEL,
    keptMs: LIMITS.credentialKeptMs,
    entriesMax: LIMITS.credentialsKeptMax,
    namesKeys: false,
    read: async (sha256Hex) => {
      const sha256 = Buffer.from(sha256Hex, 'hex');
      const hmacs = deps.peppers.map((pepper) => pepperHash(pepper, sha256));
      const [found] = await findKeysByHmac(deps.db, hmacs);
      return found;
    },
  });
  return { find: cache.get, forget: cache.forget, stop: cache.stop };
}
