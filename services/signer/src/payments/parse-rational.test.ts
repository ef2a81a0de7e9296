import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import { floatString, ratString } from './format-rational.ts';
import { parseRational } from './parse-rational.ts';
import { ceilRational, compareRational, reduceRational } from './rational.ts';

describe('Go big.Rat SetString', () => {
  test.each(vectors.ratSetString)('$in', (vector) => {
    const value = parseRational(vector.in);
    expect(value !== undefined).toBe(vector.ok === 'true');
    if (value === undefined) return;
    expect(ratString(value)).toBe(vector.ratString);
    expect(floatString(value, 0)).toBe(vector.floatString0);
    expect(floatString(value, 3)).toBe(vector.floatString3);
    expect(compareRational(value, { num: 0n, den: 1n })).toBe(Number(vector.sign));
  });

  test.each([
    ['-10/4', '-5/2'],
    ['+1/3', '1/3'],
    ['010/1', '8'],
    ['0x10/0b11', '16/3'],
    ['0o17', '15'],
    ['0x1p4', '16'],
    ['0x1.8', '3/2'],
    ['0x_1f', '31'],
    ['0b1.1', '3/2'],
    ['1_0.2_5', '41/4'],
    ['-.5e1', '-5'],
    ['1E+2', '100'],
    ['0/5', '0'],
    ['-0', '0'],
  ])('%s is %s', (text, shown) => {
    const value = parseRational(text);
    expect(value && ratString(value)).toBe(shown);
  });

  test.each([
    '1__0',
    '_1',
    '1_',
    '1_.5',
    '1._5',
    '.',
    '-',
    '+',
    'e5',
    '1e',
    '1e+',
    '1/',
    '/1',
    '1/-2',
    '09/1',
    '0x',
    '0xg',
    '0b2',
    '0o8',
    '1 ',
    '1/2/3',
    '1.5/2',
    'NaN',
    '--1',
    '1e5/2',
    '１',
    '1,5',
  ])('%j is refused', (text) => {
    expect(parseRational(text)).toBeUndefined();
  });
});

describe('fractions: bounds', () => {
  test.each(['1e999999999', '1e-999999999', '0x1p999999999', '1e1001'])('%s is refused', (text) => {
    expect(parseRational(text)).toBeUndefined();
  });

  test('up to the bound it is exact', () => {
    expect(parseRational('1e1000')).toEqual({ num: 10n ** 1000n, den: 1n });
    expect(parseRational('1e-1000')).toEqual({ num: 1n, den: 10n ** 1000n });
  });

  test('text longer than the bound is refused', () => {
    expect(parseRational('1'.repeat(512))).toBeDefined();
    expect(parseRational('1'.repeat(513))).toBeUndefined();
  });
});

describe('Go FloatString: half away from zero', () => {
  test.each(vectors.floatString)('$rat', (vector) => {
    const value = parseRational(vector.rat);
    if (value === undefined) throw new Error('refused');
    expect(floatString(value, 0)).toBe(vector.f0);
    expect(floatString(value, 3)).toBe(vector.f3);
  });
});

describe('fractions: properties', () => {
  const anyInteger = fc.bigInt({ min: -(1n << 300n), max: 1n << 300n });
  const positive = fc.bigInt({ min: 1n, max: 1n << 300n });

  test('RatString and back is the same value, in lowest terms', () => {
    fc.assert(
      fc.property(anyInteger, positive, (num, den) => {
        const back = parseRational(ratString({ num, den }));
        if (back === undefined) throw new Error('refused');
        expect(back.num * den).toBe(num * back.den);
        expect(reduceRational(back)).toEqual(back);
      }),
    );
  });

  test('the ceiling is the least whole number not below', () => {
    fc.assert(
      fc.property(anyInteger, positive, (num, den) => {
        const ceiling = ceilRational({ num, den });
        expect(ceiling * den >= num && (ceiling - 1n) * den < num).toBe(true);
      }),
    );
  });
});
