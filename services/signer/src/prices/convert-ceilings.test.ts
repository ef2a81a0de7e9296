import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilingsShape } from '../config/ceilings.ts';
import { compareRational, type Rational, whole } from '../payments/rational.ts';
import { type Ceiling, type CeilingRules, needsRate } from './ceiling.ts';
import { convertCeilings, withCeilings } from './convert-ceilings.ts';

/** One ether is 2,000 USD: one USD is 5e14 wei. */
const WEI_PER_USD = whole(500_000_000_000_000n);
const read = (text: string) => ceilingsShape.MAX_PRICE_PER_UNIT.parse(text);
const list = (entries: unknown): ReadonlyMap<string, Ceiling> =>
  ceilingsShape.MAX_PRICE_PER_CAPABILITY.parse(JSON.stringify({ capabilities_prices: entries })) ??
  new Map();
const convert = (rules: CeilingRules, rate?: Rational) => convertCeilings(rules, () => rate);

describe('price ceilings in USD', () => {
  test('go-livepeer’s price and currency in one text', () => {
    const none = new Map();
    const wei = (text: string) => {
      const { maxPriceWei } = convert(
        { maxPrice: read(text), capabilityPrices: none },
        WEI_PER_USD,
      );
      return maxPriceWei && compareRational(maxPriceWei, whole(250_000_000_000_000n));
    };
    for (const same of ['0.50USD', '.5usd', '1/2 usd', '250000000000000', '250000000000000wei']) {
      expect(wei(same)).toBe(0);
    }
  });

  test.each(['usd', '-1usd', '1eur', '1 usd usd', ''])('"%s" is refused at the start', (text) => {
    expect(ceilingsShape.MAX_PRICE_PER_UNIT.safeParse(text).success).toBe(false);
  });

  test('a list may have both currencies', () => {
    const capabilityPrices = list([
      {
        pipeline: 'llm',
        model_id: 'a',
        price_per_unit: '0.000002',
        pixels_per_unit: 4,
        currency: 'USD',
      },
      { pipeline: 'llm', price_per_unit: 7 },
    ]);
    const made = convert({ maxPrice: undefined, capabilityPrices }, WEI_PER_USD).capabilityPrices;
    expect(compareRational(made.get('llm/a') ?? whole(0n), whole(250_000_000n))).toBe(0);
    expect(made.get('llm/default')).toEqual(whole(7n));
    expect(needsRate({ maxPrice: undefined, capabilityPrices })).toBe(true);
    expect(needsRate({ maxPrice: read('1'), capabilityPrices: new Map() })).toBe(false);
  });

  test('exact at every rate, and the newest rate counts', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 30n });
    const above0 = fc.bigInt({ min: 1n, max: 10n ** 30n });
    fc.assert(
      fc.property(amount, above0, above0, above0, (num, den, rateNum, rateDen) => {
        let rate = { num: rateNum, den: rateDen };
        const maxPrice = { num, den, currency: 'usd' } as const;
        const made = convertCeilings({ maxPrice, capabilityPrices: new Map() }, () => rate);
        const policy = withCeilings({ other: 1 }, made);
        const exact = () => ({ num: num * rate.num, den: den * rate.den });
        expect(compareRational(policy.maxPriceWei ?? whole(-1n), exact())).toBe(0);
        rate = { num: rateNum + 1n, den: rateDen };
        expect(compareRational(policy.maxPriceWei ?? whole(-1n), exact())).toBe(0);
      }),
    );
  });

  test('without a rate a ceiling in USD lets nothing through, one in wei is as it was', () => {
    const capabilityPrices = list([{ pipeline: 'llm', price_per_unit: 7 }]);
    const made = convert({ maxPrice: read('5usd'), capabilityPrices });
    expect(made.maxPriceWei?.num).toBe(0n);
    expect(made.capabilityPrices.get('llm/default')).toEqual(whole(7n));
  });
});
