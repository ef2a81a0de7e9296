import { describe, expect, test } from 'vitest';
import { readVerdict } from './read-verdict.ts';

describe('the webhook’s answer', () => {
  test('all of its fields', () => {
    const text = JSON.stringify({
      status: 200,
      reason: 'fine',
      expiry: 1_800_000_000,
      auth_id: 'a:b',
      maxPrice: { price: 1.5, currency: 'wei', unit: 'seconds' },
      identity: { ignored: true },
    });
    expect(readVerdict(text)).toEqual({
      status: 200,
      reason: 'fine',
      expirySec: 1_800_000_000n,
      authId: 'a:b',
      maxPrice: { price: '1.5', currency: 'wei', unit: 'seconds' },
    });
  });

  test('keys in any case, as Go decodes them', () => {
    expect(readVerdict('{"STATUS":200,"Auth_ID":"x","MAXPRICE":null}')).toMatchObject({
      status: 200,
      authId: 'x',
      maxPrice: undefined,
    });
  });

  test.each([
    ['no JSON', 'yes'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[200]'],
    ['no status', '{"auth_id":"a"}'],
    ['status 0', '{"status":0}'],
    ['a status below 0', '{"status":-1}'],
    ['a status as text', '{"status":"200"}'],
    ['a status with a fraction', '{"status":200.5}'],
    ['an expiry as text', '{"status":200,"expiry":"1"}'],
    ['a price that is no number', '{"status":200,"maxPrice":{"price":"x"}}'],
  ])('%s is no verdict', (_what, text) => {
    expect(readVerdict(text)).toBeUndefined();
  });
});
