import { type Rational, ZERO } from '../payments/rational.ts';
import type { Ceiling, CeilingRules } from './ceiling.ts';

/** The ceilings of this moment, all in wei. */
export type WeiCeilings = {
  readonly maxPriceWei: Rational | undefined;
  readonly capabilityPrices: ReadonlyMap<string, Rational>;
};

/**
 * Makes the ceilings in wei, those in USD by the rate of the moment that they are read. Without a
 * rate such a ceiling is zero: nothing is paid, whoever forgot to ask for the rate first.
 *
 * @param weiPerUsd the rate now; undefined when it is not known, or too old.
 */
export function convertCeilings(
  rules: CeilingRules,
  weiPerUsd: () => Rational | undefined,
): WeiCeilings {
  let madeWith: Rational | undefined;
  let made: WeiCeilings | undefined;
  const now = (): WeiCeilings => {
    const rate = weiPerUsd();
    if (made === undefined || rate !== madeWith) {
      madeWith = rate;
      made = convert(rules, rate);
    }
    return made;
  };
  return {
    get maxPriceWei() {
      return now().maxPriceWei;
    },
    get capabilityPrices() {
      return now().capabilityPrices;
    },
  };
}

function convert({ maxPrice, capabilityPrices }: CeilingRules, rate: Rational | undefined) {
  return {
    maxPriceWei: maxPrice && toWei(maxPrice, rate),
    capabilityPrices: new Map(
      [...capabilityPrices].map(([name, price]) => [name, toWei(price, rate)] as const),
    ),
  };
}

function toWei(price: Ceiling, rate: Rational | undefined): Rational {
  const { num, den } = price;
  if (price.currency === undefined) return { num, den };
  return rate === undefined ? ZERO : { num: num * rate.num, den: den * rate.den };
}

/** A policy with these ceilings, read anew each time. */
export function withCeilings<P extends object>(policy: P, ceilings: WeiCeilings): P & WeiCeilings {
  return {
    ...policy,
    get maxPriceWei() {
      return ceilings.maxPriceWei;
    },
    get capabilityPrices() {
      return ceilings.capabilityPrices;
    },
  };
}
