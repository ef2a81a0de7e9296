import { describe, expect, it } from 'vitest';
import { makeHoldItem } from '../testing/make-hold-item.ts';
import { parseHoldItem } from './parse-hold-item.ts';

describe('an item of a hold request', () => {
  const good = makeHoldItem();
  const rebuild = (over: object) => ({ ...good, rebuild: { ...good.rebuild, ...over } });
  const usage = (over: object) => ({ ...good, usage: { ...good.usage, ...over } });
  const principal = (over: object) => ({ ...good, principal: { ...good.principal, ...over } });

  it('is parsed to bigint, exactly', () => {
    const most = (2n ** 256n - 1n).toString();
    expect(parseHoldItem(rebuild({ feeWei: most }))?.rebuild.feeWei).toBe(2n ** 256n - 1n);
  });

  it.each(['-1', '1.5', '1e18', ' 1', '0x10', 'NaN', 'Infinity', '٣', '', '01', null, 9e15])(
    'is refused for a fee of %j',
    (feeWei) => {
      expect(parseHoldItem(rebuild({ feeWei }))).toBeUndefined();
    },
  );

  it('is refused for 2^256 wei', () => {
    expect(parseHoldItem(rebuild({ feeWei: (2n ** 256n).toString() }))).toBeUndefined();
  });

  it.each([
    ['negative units', usage({ units: '-1' })],
    ['units of 39 digits', usage({ units: '1'.repeat(39) })],
    ['a model of 10 kB', usage({ model: 'm'.repeat(10_000) })],
    ['a NUL byte', usage({ model: 'a\u0000b' })],
    ['a price beyond int64', usage({ pricePerUnit: '9223372036854775808' })],
    ['a balance that is no number', rebuild({ newBalance: "1'; drop table" })],
    ['a balance with a NUL byte', rebuild({ newBalance: '1\u0000' })],
    ['another state in the rebuild record', rebuild({ stateId: 'elsewhere' })],
    ['nonces that are not its tickets', rebuild({ numTickets: 7 })],
    ['101 tickets', { ...rebuild({ numTickets: 101 }), nonceTo: 101 }],
    ['a user that is not the subject', principal({ userId: 'usr_other' })],
    ['no principal', { ...good, principal: undefined }],
  ])('is refused for %s', (_name, item) => {
    expect(parseHoldItem(item)).toBeUndefined();
  });

  it('takes a model that looks like a formula: it is text', () => {
    expect(parseHoldItem(usage({ model: '=HYPERLINK("x")' }))).toBeDefined();
  });
});
