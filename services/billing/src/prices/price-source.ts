/** One observation of the price of ether. */
export type ObservedPrice = {
  /** USD with eight decimals. */
  readonly priceE8: bigint;
  readonly source: string;
  readonly roundId?: string;
  readonly observedAtMs: number;
};

/** Where prices come from; rejects when it has none. */
export type PriceSource = () => Promise<ObservedPrice>;

/** The price that the operator configured: development, or a fixed contract price. */
export function fixedPriceSource(priceE8: bigint, nowMs: () => number): PriceSource {
  return async () => ({ priceE8, source: 'fixed', observedAtMs: nowMs() });
}
