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
const take = (valueWei: bigint, recipient = 'a') => spending.take(recipient, valueWei, 100n);

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
    expect(take(100n)).toBe(true);
    spending.giveBack('a', 100n);
    expect(take(100n)).toBe(true);
    expect(take(1n)).toBe(false);
    nowMs += POLICY_LIMITS.slotMs;
    spending.giveBack('a', 30n);
    expect(take(30n)).toBe(true);
    expect(take(1n)).toBe(false);
    spending.giveBack('nobody', 5n);
    expect(take(101n, 'nobody')).toBe(false);
  });
});
