import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilingsShape } from '../config/ceilings.ts';
import { type CapabilityModel, configuredCeiling } from './capability-ceiling.ts';
import { parseRational } from './parse-rational.ts';
import { compareRational, type Rational, whole } from './rational.ts';

const read = (list: unknown) =>
  ceilingsShape.MAX_PRICE_PER_CAPABILITY.safeParse(
    typeof list === 'string' ? list : JSON.stringify({ capabilities_prices: list }),
  );
const prices = (list: unknown) => {
  const parsed = read(list);
  if (!parsed.success || !parsed.data) throw new Error('not read');
  return parsed.data;
};
const LIST = [
  { pipeline: 'text-to-image', model_id: 'turbo', price_per_unit: 1000, pixels_per_unit: 1 },
  { pipeline: 'text-to-image', price_per_unit: 2000, pixels_per_unit: 3 },
  { pipeline: 'live-video-to-video', model_id: 'default', price_per_unit: '0.5' },
];

describe('-maxPricePerCapability, as go-livepeer reads it', () => {
  test('a model, the default of a pipeline, a price as text, pixels left out', () => {
    expect([...prices(LIST)]).toEqual([
      ['text-to-image/turbo', whole(1000n)],
      ['text-to-image/default', { num: 2000n, den: 3n }],
      ['live-video-to-video/default', expect.anything()],
    ]);
  });

  test('a number is as exact as it is written', () => {
    const numbers = ['9007199254740993', '0.12345678901234567890', '1e-19'];
    for (const text of numbers) {
      const [price] = prices(
        `{"capabilities_prices":[{"pipeline":"llm","price_per_unit":${text}}]}`,
      ).values();
      expect(price && compareRational(price, parseRational(text) ?? whole(-1n))).toBe(0);
    }
  });

  test.each([
    ['no JSON', '{'],
    ['no list', '{}'],
    ['a price that is no number', [{ pipeline: 'llm', price_per_unit: 'cheap' }]],
    ['a price below zero', [{ pipeline: 'llm', price_per_unit: -1 }]],
    ['no pixels', [{ pipeline: 'llm', price_per_unit: 1, pixels_per_unit: 0 }]],
    ['another currency', [{ pipeline: 'llm', price_per_unit: 1, currency: 'EUR' }]],
    ['no pipeline', [{ price_per_unit: 1 }]],
  ])('%s is refused at the start', (_what, list) => {
    expect(read(list).success).toBe(false);
  });

  test('any text is read or refused, and never a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect([true, false]).toContain(read(text).success);
      }),
    );
  });
});

describe('the configured ceiling (section 3.6)', () => {
  const policy = { maxPriceWei: whole(7n), capabilityPrices: prices(LIST) };
  const ceiling = (asked: readonly CapabilityModel[], general: Rational | undefined = whole(7n)) =>
    configuredCeiling({ ...policy, maxPriceWei: general }, asked);
  const is = (left: Rational | undefined, right: Rational) =>
    expect(left && compareRational(left, right)).toBe(0);

  test('a model with a price of its own', () => {
    is(ceiling([{ capability: 27, model: 'turbo' }]), whole(1000n));
  });

  test('another model: the default of its pipeline', () => {
    is(ceiling([{ capability: 27, model: 'other' }]), { num: 2000n, den: 3n });
  });

  test('several: the sum of them all', () => {
    const asked = [
      { capability: 27, model: 'turbo' },
      { capability: 35, model: 'x' },
    ];
    is(ceiling(asked), { num: 2001n, den: 2n });
  });

  test('none, or none that has a price: the general one', () => {
    is(ceiling([]), whole(7n));
    is(ceiling([{ capability: 33, model: 'x' }]), whole(7n));
    is(ceiling([{ capability: 999, model: 'x' }]), whole(7n));
  });

  test('and no limit where there is no general one', () => {
    expect(configuredCeiling({ ...policy, maxPriceWei: undefined }, [])).toBeUndefined();
  });
});
