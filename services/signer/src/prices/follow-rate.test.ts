import { createLog, ok, type PriceReply, refused } from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import { compareRational, whole } from '../payments/rational.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { type FollowedRate, followRate } from './follow-rate.ts';

const PRICE = { priceE8: 200_000_000_000n, ageMs: 5_000, maxAgeMs: 120_000 };

let clock: ManualClock;
let price: PriceReply['price'];
let isAway: boolean;
let rate: FollowedRate;
beforeEach(() => {
  clock = createManualClock();
  price = PRICE;
  isAway = false;
  rate = followRate({
    ask: async () => (isAway ? refused('hold_timeout') : ok({ price })),
    monotonicMs: clock.monotonicMs,
    log: createLog({ service: 'signer', level: 'silent' }),
  });
});

describe('what a USD is worth', () => {
  test('is not known before billing told it, nor while it has no price', async () => {
    expect(rate.weiPerUsd()).toBeUndefined();
    price = null;
    await rate.look();
    expect(rate.weiPerUsd()).toBeUndefined();
  });

  test('one ether over its price, exactly; the same object until it changes', async () => {
    await rate.look();
    const before = rate.weiPerUsd();
    expect(before && compareRational(before, whole(500_000_000_000_000n))).toBe(0);
    await rate.look();
    expect(rate.weiPerUsd()).toBe(before);
    price = { ...PRICE, priceE8: 400_000_000_000n };
    await rate.look();
    expect(rate.weiPerUsd()).not.toBe(before);
  });

  test('is believed until billing would not, and no longer', async () => {
    await rate.look();
    isAway = true;
    clock.advance(114_999);
    await rate.look();
    expect(rate.weiPerUsd()).toBeDefined();
    clock.advance(1);
    expect(rate.weiPerUsd()).toBeUndefined();
    isAway = false;
    await rate.look();
    expect(rate.weiPerUsd()).toBeDefined();
  });
});
