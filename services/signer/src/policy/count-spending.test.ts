import { beforeEach, describe, expect, test } from 'vitest';
import { POLICY_LIMITS } from '../limits.ts';
import { createSpending, type Spending } from './count-spending.ts';

const HOUR_MS = 3_600_000;
let nowMs: number;
let spending: Spending;
beforeEach(() => {
  nowMs = 1_234_567;
  spending = createSpending({ monotonicMs: () => nowMs });
});
const takeBack = (valueWei: bigint, recipient = 'a') => spending.take(recipient, valueWei, 100n);
const take = (valueWei: bigint, recipient = 'a') => takeBack(valueWei, recipient) !== undefined;

describe('the hour of a recipient', () => {
  test('to the wei, each recipient for itself', () => {
    expect(take(60n)).toBe(true);
    expect(take(41n)).toBe(false);
    expect(take(40n)).toBe(true);
    expect(take(1n)).toBe(false);
    expect(take(100n, 'b')).toBe(true);
  });

  test('no sixty minutes see more than the bound, whenever they begin', () => {
    const given: { atMs: number; valueWei: bigint }[] = [];
    for (let step = 0; step < 400; step += 1) {
      nowMs += 77_000;
      if (take(7n)) given.push({ atMs: nowMs, valueWei: 7n });
    }
    expect(given.length).toBeGreaterThan(50);
    for (const { atMs } of given) {
      const within = given.filter((one) => one.atMs >= atMs && one.atMs < atMs + HOUR_MS);
      const sumWei = within.reduce((sum, { valueWei }) => sum + valueWei, 0n);
      expect(sumWei).toBeLessThanOrEqual(100n);
    }
  });

  test('is over after it and one slot', () => {
    expect(take(100n)).toBe(true);
    nowMs += HOUR_MS;
    expect(take(1n)).toBe(false);
    nowMs += POLICY_LIMITS.slotMs;
    expect(take(100n)).toBe(true);
  });

  test('what is given back can be taken again', () => {
    const giveBack = takeBack(100n);
    expect(take(1n)).toBe(false);
    giveBack?.();
    expect(take(100n)).toBe(true);
    expect(take(1n)).toBe(false);
  });

  test('given back after its slot is over, it leaves no room in the next hour', () => {
    const giveBack = takeBack(60n);
    expect(take(40n)).toBe(true);
    nowMs += POLICY_LIMITS.slotMs;
    giveBack?.();
    expect(take(60n)).toBe(true);
    // The slot of the 40 is over, that of the 60 is not.
    nowMs += HOUR_MS;
    expect(take(41n)).toBe(false);
    expect(take(40n)).toBe(true);
  });

  test('recipients who were only asked for push nobody out', () => {
    expect(take(100n)).toBe(true);
    for (let count = 0; count <= POLICY_LIMITS.spendersMax; count += 1) {
      takeBack(1n, `asked ${count}`)?.();
    }
    expect(take(1n)).toBe(false);
  });
});
