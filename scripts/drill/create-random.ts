/** Numbers that follow from a seed, so that a drill can be run again. */
export type Random = {
  /** From 0 up to 1. */
  readonly share: () => number;
  /** A whole number from `from` to `to`, both included. */
  readonly between: (from: number, to: number) => number;
  readonly pick: <T>(values: readonly [T, ...T[]]) => T;
};

/** Makes a generator of pseudo-random numbers (mulberry32); never for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const share = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    share,
    between: (from, to) => from + Math.floor(share() * (to - from + 1)),
    pick: (values) => values[Math.floor(share() * values.length)] ?? values[0],
  };
}
