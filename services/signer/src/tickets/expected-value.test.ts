import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/ev.json' with { type: 'json' };
import { PROTOCOL } from '../limits.ts';
import { floatString, ratString } from '../payments/format-rational.ts';
import { expectedValue } from './expected-value.ts';

describe('expected value: go-livepeer TestEV', () => {
  test.each(vectors.cases)('faceValue $faceValue, winProb $winProb', (vector) => {
    const ev = expectedValue({
      faceValueWei: BigInt(vector.faceValue),
      winProb: BigInt(vector.winProb),
    });
    expect(ratString(ev)).toBe(vector.ev);
    expect(floatString(ev, 0)).toBe(vector.floatString0);
  });

  test('certain to win is 2^256 - 1', () => {
    expect(PROTOCOL.maxWinProb).toBe(BigInt(vectors.maxWinProb));
  });
});
