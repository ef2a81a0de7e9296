import type { Rational } from '../payments/rational.ts';

/** A highest price of one unit: in wei, or in USD. */
export type Ceiling = Rational & { readonly currency?: 'usd' };

/** The operator's ceilings, as they were configured. */
export type CeilingRules = {
  /** For whatever has none of its own; absent: no limit. */
  readonly maxPrice: Ceiling | undefined;
  /** By `pipeline/model`; `pipeline/default` is for all its models. */
  readonly capabilityPrices: ReadonlyMap<string, Ceiling>;
};

/** Do these ceilings need to know what an ether is worth? */
export function needsRate({ maxPrice, capabilityPrices }: CeilingRules): boolean {
  return [maxPrice, ...capabilityPrices.values()].some((one) => one?.currency === 'usd');
}
