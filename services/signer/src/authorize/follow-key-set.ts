import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Logger } from '@clearinghouse/shared';
import { z } from 'zod';
import { readResponse } from '../chain/read-response.ts';
import { RUNTIME_LIMITS } from '../limits.ts';

/** Public keys of the issuer by their id. */
export type KeySet = {
  /** The key, if it is known now. */
  readonly get: (kid: string) => KeyObject | undefined;
  /**
   * Asks the issuer for a key that is not known, once for all who ask, and at most once in
   * `jwksCooldownMs`. `unavailable`: the issuer could not be asked.
   */
  readonly find: (kid: string) => Promise<KeyObject | 'unknown' | 'unavailable'>;
  /** Keys were read at least once. */
  readonly isReady: () => boolean;
  readonly start: () => void;
  readonly stop: () => void;
};

export type FollowKeySetDeps = {
  readonly fetch: typeof fetch;
  readonly monotonicMs: () => number;
  readonly log: Logger;
};

const keySetSchema = z.object({
  keys: z.array(z.record(z.string(), z.unknown())).max(RUNTIME_LIMITS.jwksKeysMax),
});

/** An ES256 public key; others in the set (RS256 for id tokens) are not for us. */
const keySchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string().min(1).max(128),
  x: z.string(),
  y: z.string(),
  use: z.literal('sig').optional(),
  alg: z.literal('ES256').optional(),
});

/**
 * Follows the issuer's key set: read at the start, every `jwksRefreshMs`, and for an unknown
 * key. A set that cannot be read leaves the known keys as they are.
 */
export function followKeySet(deps: FollowKeySetDeps, options: { readonly url: string }): KeySet {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  let isReady = false;
  let lastOk = false;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const readOnce = async () => {
    triedAtMs = deps.monotonicMs();
    try {
      keys = await fetchKeys(deps.fetch, options.url);
      isReady = true;
      lastOk = true;
    } catch (error) {
      lastOk = false;
      const fault = error instanceof Error ? error.message : 'unknown';
      deps.log.warn({ fault }, 'the key set of the issuer could not be read');
    }
  };
  const read = () => {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const tick = async () => {
    await read();
    const pauseMs = lastOk ? RUNTIME_LIMITS.jwksRefreshMs : RUNTIME_LIMITS.jwksCooldownMs;
    if (timer !== undefined) timer = setTimeout(() => void tick(), pauseMs);
  };
  return {
    get: (kid) => keys.get(kid),
    find: async (kid) => {
      const isCool = deps.monotonicMs() - triedAtMs < RUNTIME_LIMITS.jwksCooldownMs;
      if (reading || !isCool) await read();
      return keys.get(kid) ?? (lastOk ? 'unknown' : 'unavailable');
    },
    isReady: () => isReady,
    start: () => {
      timer ??= setTimeout(() => void tick(), 0);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

async function fetchKeys(get: typeof fetch, url: string): Promise<Map<string, KeyObject>> {
  const response = await get(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(RUNTIME_LIMITS.jwksTimeoutMs),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const text = await readResponse(response, RUNTIME_LIMITS.jwksBytesMax);
  const parsed = keySetSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error('not a key set');
  const keys = new Map<string, KeyObject>();
  for (const raw of parsed.data.keys) {
    const key = keySchema.safeParse(raw);
    if (!key.success) continue;
    const { kty, crv, x, y, kid } = key.data;
    keys.set(kid, createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }));
  }
  return keys;
}
