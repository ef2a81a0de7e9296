/** Remembers fresh grants, so that each is used once. */
export type SpentGrants = {
  /** False when it was used before. */
  readonly spend: (holdId: string) => boolean;
};

/**
 * Makes the memory of used grants: the last `grantsMax` at least. An older one cannot come
 * again, since the ask that it answers is long over.
 */
export function createSpentGrants(grantsMax: number): SpentGrants {
  let recent = new Set<string>();
  let before = new Set<string>();
  return {
    spend: (holdId) => {
      if (recent.has(holdId) || before.has(holdId)) return false;
      recent.add(holdId);
      if (recent.size >= grantsMax) {
        before = recent;
        recent = new Set();
      }
      return true;
    },
  };
}
