import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  claimPath,
  type FolderListing,
  HEARTBEAT_FILE,
  OWNER_FILE,
  readIdentity,
} from './folder.ts';
import { isSurelyGone, type ProcessIdentity } from './process-identity.ts';

/** Remembers when it last saw each folder's sign of life change. */
export type SignsOfLife = {
  /** How long the sign has been the same, as this process saw it. */
  readonly unchangedMs: (folder: string, sign: string) => number;
  readonly forget: (folder: string) => void;
};

/** Makes the memory over a monotonic clock: clocks of other machines do not matter. */
export function createSignsOfLife(monotonicMs: () => number): SignsOfLife {
  const seen = new Map<string, { readonly sign: string; readonly sinceMs: number }>();
  return {
    unchangedMs: (folder, sign) => {
      const known = seen.get(folder);
      if (known?.sign === sign) return monotonicMs() - known.sinceMs;
      seen.set(folder, { sign, sinceMs: monotonicMs() });
      return 0;
    },
    forget: (folder) => {
      seen.delete(folder);
    },
  };
}

/**
 * Whether nobody looks after a journal folder: neither its owner, nor whoever claimed it last.
 * Either that process is surely gone, or its sign of life has not changed for `adoptAfterMs`.
 */
export async function isAbandoned(
  deps: { readonly own: ProcessIdentity; readonly signs: SignsOfLife },
  folder: string,
  listing: FolderListing,
  adoptAfterMs: number,
): Promise<boolean> {
  const isClaimed = listing.claim > 0;
  const holder = isClaimed ? claimPath(folder, listing.claim) : join(folder, OWNER_FILE);
  const sign = isClaimed ? holder : join(folder, HEARTBEAT_FILE);
  const identity = await readIdentity(holder);
  if (identity && isSurelyGone(identity, deps.own)) return true;
  const touched = await stat(sign).catch(() => undefined);
  return deps.signs.unchangedMs(folder, `${sign} ${touched?.mtimeMs ?? 0}`) >= adoptAfterMs;
}
