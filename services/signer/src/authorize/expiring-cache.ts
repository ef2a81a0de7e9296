/** A bounded cache whose entries end: the least recently used one goes first. */
export type ExpiringCache<V> = {
  readonly get: (key: string) => V | undefined;
  /** @param lifeMs at most this long from now. */
  readonly set: (key: string, value: V, lifeMs: number) => void;
  readonly clear: () => void;
  readonly size: () => number;
};

/** Makes an empty cache over a monotonic clock. */
export function createExpiringCache<V>(options: {
  readonly entriesMax: number;
  readonly monotonicMs: () => number;
}): ExpiringCache<V> {
  const entries = new Map<string, { readonly value: V; readonly untilMs: number }>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (entry.untilMs <= options.monotonicMs()) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    set: (key, value, lifeMs) => {
      if (lifeMs <= 0) return;
      entries.delete(key);
      entries.set(key, { value, untilMs: options.monotonicMs() + lifeMs });
      if (entries.size <= options.entriesMax) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
    clear: () => entries.clear(),
    size: () => entries.size,
  };
}
