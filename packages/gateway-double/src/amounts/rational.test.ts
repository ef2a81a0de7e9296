import { describe, expect, it } from 'vitest';
import {
  add,
  ceil,
  compare,
  multiply,
  parseRatString,
  rational,
  subtract,
  toRatString,
} from './rational.ts';

describe('exact fractions', () => {
  it('are kept in lowest terms with a positive denominator', () => {
    expect(rational(6n, -4n)).toEqual({ num: -3n, den: 2n });
    expect(rational(0n, 7n)).toEqual({ num: 0n, den: 1n });
    expect(() => rational(1n, 0n)).toThrow(RangeError);
  });

  it('add up without loss', () => {
    const third = rational(1n, 3n);
    expect(add(add(third, third), third)).toEqual(rational(1n));
    expect(subtract(third, rational(1n, 2n))).toEqual(rational(-1n, 6n));
    expect(multiply(third, rational(3n))).toEqual(rational(1n));
  });

  it('compare by value', () => {
    expect(compare(rational(1n, 3n), rational(1n, 2n))).toBe(-1);
    expect(compare(rational(2n, 4n), rational(1n, 2n))).toBe(0);
    expect(compare(rational(-1n, 2n), rational(-2n, 3n))).toBe(1);
  });

  it('round up to the next integer, and negative ones towards zero', () => {
    expect(ceil(rational(4n, 2n))).toBe(2n);
    expect(ceil(rational(5n, 2n))).toBe(3n);
    expect(ceil(rational(-5n, 2n))).toBe(-2n);
  });

  it('are written as Go writes them, and read back', () => {
    expect(toRatString(rational(10n, 4n))).toBe('5/2');
    expect(toRatString(rational(-8n, 4n))).toBe('-2');
    expect(parseRatString('-5/10')).toEqual(rational(-1n, 2n));
    expect(parseRatString('1/0')).toBeUndefined();
    expect(parseRatString('0.5')).toBeUndefined();
  });
});
