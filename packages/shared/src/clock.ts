/** The two clocks; injected so that tests can move them. */
export type Clock = {
  /** Wall clock in nanoseconds since 1970. */
  readonly nowNs: () => bigint;
  /** Monotonic clock in milliseconds, for deadlines. */
  readonly monotonicMs: () => number;
};

const NS_PER_MS = 1_000_000n;

/** Nanoseconds between the monotonic origin and 1970; set once, so that `nowNs` has real ns. */
const WALL_MINUS_HR_NS = BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
const DRIFT_MAX_NS = 50n * NS_PER_MS;

/** The machine's clocks: wall time from `Date.now` with the finer digits of the monotonic one. */
export const systemClock: Clock = {
  nowNs: () => {
    const fine = process.hrtime.bigint() + WALL_MINUS_HR_NS;
    const wall = BigInt(Date.now()) * NS_PER_MS;
    const drift = fine > wall ? fine - wall : wall - fine;
    return drift > DRIFT_MAX_NS ? wall : fine;
  },
  monotonicMs: () => performance.now(),
};
