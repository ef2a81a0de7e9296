import { describe, expect, test } from 'vitest';
import type { MaxPriceField } from '../wire/payment-request.ts';
import { readMaxPrice } from './max-price.ts';
import { priceFault } from './price-ceiling.ts';
import { whole } from './rational.ts';

const NONE = { configured: undefined, request: undefined, initial: undefined };

describe('price ceilings', () => {
  test('no ceiling, no limit', () => {
    expect(priceFault(whole(10n ** 30n), NONE)).toBeUndefined();
  });

  test('equal is fine, any more is not', () => {
    const ceilings = { ...NONE, configured: { num: 1n, den: 3n } };
    expect(priceFault({ num: 2n, den: 6n }, ceilings)).toBeUndefined();
    expect(priceFault({ num: 1001n, den: 3000n }, ceilings)).toBe(
      'orchestrator price 0.334 exceeds configured maximum price ceiling 0.333',
    );
  });

  test.each([
    [{ configured: whole(1n), request: whole(2n), initial: whole(3n) }, 'configured maximum price'],
    [{ configured: whole(2n), request: whole(1n), initial: whole(3n) }, 'request maxPrice'],
    [{ configured: whole(3n), request: whole(2n), initial: whole(1n) }, 'initial session price'],
    [{ configured: whole(1n), request: whole(1n), initial: whole(1n) }, 'configured maximum price'],
    [{ ...NONE, request: whole(1n), initial: { num: 2n, den: 2n } }, 'request maxPrice'],
  ])('%#: the lowest counts, the earlier one at a tie: %s', (ceilings, source) => {
    expect(priceFault(whole(5n), ceilings)).toBe(
      `orchestrator price 5.000 exceeds ${source} ceiling 1.000`,
    );
  });
});

describe('request maxPrice', () => {
  const good: MaxPriceField = { price: '1.25', currency: 'wei', unit: 'seconds' };

  function read(change: Partial<MaxPriceField>, type = 'live') {
    const max = readMaxPrice({ ...good, ...change }, type);
    return max.ok ? max.priceWei : max.message;
  }

  test.each([
    ['live', 'seconds'],
    ['lv2v', '720p-pixel-seconds'],
    ['fixed', 'fixed'],
  ])('%s is priced by %s', (type, unit) => {
    expect(read({ unit }, type)).toEqual({ num: 125n, den: 100n });
    const message = `maxPrice.unit must be ${unit} for payment type ${type}`;
    expect(read({ unit: 'pieces' }, type)).toBe(message);
  });

  test.each(['', '0', '-1', '0e5', '1e999999999', 'abc'])('price %j', (price) => {
    expect(read({ price })).toBe('maxPrice.price must be a positive decimal');
  });

  test.each(['usd', '', 'gwei'])('currency %j', (currency) => {
    expect(read({ currency })).toBe('maxPrice.currency must be wei');
  });

  test('blanks and capitals around wei and blanks around the price are fine', () => {
    expect(read({ currency: ' WEI ', price: ' 1.25 ' })).toEqual({ num: 125n, den: 100n });
  });

  test.each(['', 'other'])('job type %j', (type) => {
    expect(read({}, type)).toBe('maxPrice requires payment type live, lv2v, or fixed');
  });

  test('the order: price, currency, type, unit', () => {
    const bad = { price: '0', currency: 'x', unit: 'x' };
    expect(read(bad, '')).toContain('maxPrice.price');
    expect(read({ ...bad, price: '1' }, '')).toContain('maxPrice.currency');
    expect(read({ ...bad, price: '1', currency: 'wei' }, '')).toContain('payment type');
    expect(read({ ...bad, price: '1', currency: 'wei' }, 'live')).toContain('maxPrice.unit');
  });
});
