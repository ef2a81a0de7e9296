/** The asks of this process that are not finished, numbered upwards from 1. */
export type OpenAsks = {
  /** Numbers a new ask. */
  readonly open: () => number;
  /** The ask is refused, released, or signed and its settlement acknowledged. */
  readonly close: (askNo: number) => void;
  /** Every ask up to this one is finished; 0 when none is. */
  readonly closedUpTo: () => number;
  readonly size: () => number;
};

/** Makes the book of asks, all of them ahead. */
export function createOpenAsks(): OpenAsks {
  // A set keeps its order, and numbers only rise: its first one is always the lowest.
  const open = new Set<number>();
  let last = 0;
  return {
    open: () => {
      last += 1;
      open.add(last);
      return last;
    },
    close: (askNo) => {
      open.delete(askNo);
    },
    closedUpTo: () => {
      const { value, done } = open.values().next();
      return done ? last : value - 1;
    },
    size: () => open.size,
  };
}
