import { describe, expect, it } from 'vitest';
import { ceil, compare, rational } from '../amounts/rational.ts';
import { expectedValue, WIN_PROB_MAX } from '../tickets/ticket.ts';
import { chooseWinProb } from './choose-win-prob.ts';

describe('winning probability', () => {
  it('is one when the ticket is worth its face value', () => {
    expect(chooseWinProb({ faceValueWei: 5n, evWei: 5n })).toBe(WIN_PROB_MAX);
  });

  it('gives the wanted expected value to a tiny fraction above', () => {
    const faceValue = 20_000_000_000_000n;
    const winProb = chooseWinProb({ faceValueWei: faceValue, evWei: 1_000_000_000_000n });
    const ev = expectedValue({ faceValue, winProb });
    expect(compare(ev, rational(1_000_000_000_000n))).toBe(1);
    expect(ceil(ev)).toBe(1_000_000_000_001n);
  });

  it.each([0n, -1n, 6n])('refuses an expected value of %s in a ticket of 5', (evWei) => {
    expect(() => chooseWinProb({ faceValueWei: 5n, evWei })).toThrow(RangeError);
  });
});
