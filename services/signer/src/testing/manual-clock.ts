import type { Clock } from '@clearinghouse/shared';

/** Clocks that stand still until a test moves them. */
export type ManualClock = Clock & {
  /** Moves both clocks. */
  readonly advance: (ms: number) => void;
};

/** Both clocks, the wall at the present time. */
export function createManualClock(): ManualClock {
  let elapsedMs = 0;
  const startNs = BigInt(Date.now()) * 1_000_000n;
  return {
    nowNs: () => startNs + BigInt(Math.round(elapsedMs * 1e6)),
    monotonicMs: () => 1_000 + elapsedMs,
    advance: (ms) => {
      elapsedMs += ms;
    },
  };
}
