import type { Logger, Sql } from '@clearinghouse/shared';

/** What was read from the database a moment ago, by key. */
export type NoticedCache<V> = {
  /** Reads, or gives what was read not long ago. */
  readonly get: (key: string) => Promise<V>;
  /** What `get` would give without reading; undefined where it would read. */
  readonly peek: (key: string) => V | undefined;
  /** Forgets everything: this process has just changed something, and the notice is on its way. */
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
};

export type NoticedCacheDeps = {
  readonly db: Sql;
  readonly log: Logger;
  readonly nowMs: () => number;
};

export type NoticedCacheOptions<V> = {
  /** Where the database names what changed, together with the commit of the change. */
  readonly channel: string;
  readonly keptMs: number;
  readonly entriesMax: number;
  readonly read: (key: string) => Promise<V>;
  /** How long a value may be kept; 0 for not at all. `keptMs` unless told. */
  readonly keepMs?: (value: V) => number;
  /** Does a notice name a key of this cache, or only say that something changed? */
  readonly namesKeys: boolean;
};

type Kept<V> = { readonly value: V; readonly untilMs: number };

/**
 * Keeps rows for a few seconds at most and forgets them at the database's own notice, so that a
 * change holds on every replica at once. Nothing is kept while no notice can be heard.
 */
export function createNoticedCache<V>(
  deps: NoticedCacheDeps,
  options: NoticedCacheOptions<V>,
): NoticedCache<V> {
  const { db, log, nowMs } = deps;
  const { channel, keptMs, entriesMax, read } = options;
  const keepMs = options.keepMs ?? (() => keptMs);
  const kept = new Map<string, Kept<V>>();
  // Counts the notices: what was read before one came may be what it was about.
  let notices = 0;
  let hears = false;
  const drop = (name: string) => {
    notices += 1;
    if (name === '' || !options.namesKeys) kept.clear();
    else kept.delete(name);
  };
  const listening = db
    .listen(channel, drop, () => {
      drop('');
      hears = true;
    })
    .catch((err: unknown) => {
      log.warn({ err, channel }, 'not listening: rows are read at each request');
      return undefined;
    });
  const peek = (key: string, now = nowMs()) => {
    const known = kept.get(key);
    return known && known.untilMs > now ? known : undefined;
  };
  return {
    peek: (key) => peek(key)?.value,
    get: async (key) => {
      const now = nowMs();
      const known = peek(key, now);
      if (known) return known.value;
      const before = notices;
      const value = await read(key);
      const lifeMs = Math.min(keepMs(value), keptMs);
      if (lifeMs > 0 && hears && before === notices) {
        if (kept.size >= entriesMax) kept.clear();
        kept.set(key, { value, untilMs: now + lifeMs });
      }
      return value;
    },
    forget: () => drop(''),
    stop: async () => {
      hears = false;
      kept.clear();
      await (await listening)?.unlisten();
    },
  };
}
