import { floatString } from './format-rational.ts';
import { compareRational, type Rational } from './rational.ts';

const PRICE_DECIMALS = 3;

type Ceiling = { readonly source: string; readonly priceWei: Rational };

/** Ceilings in the order in which a tie is named; an absent one is no limit. */
export type PriceCeilings = {
  readonly configured: Rational | undefined;
  readonly request: Rational | undefined;
  /** Only with a state. */
  readonly initial: Rational | undefined;
};

/**
 * Whether the orchestrator's current price is above the lowest ceiling; equal is fine. Gives
 * go-livepeer's message for `price_exceeded`, or `undefined` when the price is accepted.
 */
export function priceFault(priceWei: Rational, ceilings: PriceCeilings): string | undefined {
  const lowest = lowestOf(ceilings);
  if (lowest === undefined || compareRational(priceWei, lowest.priceWei) <= 0) return undefined;
  const price = floatString(priceWei, PRICE_DECIMALS);
  const ceiling = floatString(lowest.priceWei, PRICE_DECIMALS);
  return `orchestrator price ${price} exceeds ${lowest.source} ceiling ${ceiling}`;
}

function lowestOf(ceilings: PriceCeilings): Ceiling | undefined {
  let lowest: Ceiling | undefined;
  for (const [source, priceWei] of [
    ['configured maximum price', ceilings.configured],
    ['request maxPrice', ceilings.request],
    ['initial session price', ceilings.initial],
  ] as const) {
    if (priceWei === undefined) continue;
    const isLower = lowest === undefined || compareRational(priceWei, lowest.priceWei) < 0;
    if (isLower) lowest = { source, priceWei };
  }
  return lowest;
}
