/** A bounded memory of what was used lately. */
export type Recent<V> = {
  readonly get: (key: string) => V | undefined;
  readonly set: (key: string, value: V) => void;
};

/**
 * Makes one in two generations: cheaper than one that knows the order of every use.
 *
 * @param entriesMax remembered at least; twice as many at most.
 */
export function createRecent<V>(entriesMax: number): Recent<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  const set = (key: string, value: V) => {
    young.set(key, value);
    if (young.size < entriesMax) return;
    old = young;
    young = new Map();
  };
  return {
    get: (key) => {
      const known = young.get(key);
      if (known !== undefined) return known;
      const before = old.get(key);
      if (before !== undefined) set(key, before);
      return before;
    },
    set,
  };
}
