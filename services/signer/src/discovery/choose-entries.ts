import type { Entry } from './look-around.ts';

/**
 * The entries that have any of the capabilities, each once, those of the first capability first;
 * all of them when none is asked for.
 */
export function chooseEntries(
  entries: readonly Entry[],
  caps: readonly string[],
): readonly Entry[] {
  const asked = caps.filter((cap) => cap !== '');
  if (asked.length === 0) return entries;
  const chosen = new Set<Entry>();
  for (const cap of asked) {
    for (const entry of entries) if (entry.capabilities.includes(cap)) chosen.add(entry);
  }
  return [...chosen];
}
