/** An exact fraction in lowest terms; the denominator is positive. */
export type Rational = { readonly num: bigint; readonly den: bigint };

export const ZERO: Rational = { num: 0n, den: 1n };

/**
 * A fraction in lowest terms.
 *
 * @throws RangeError when the denominator is zero.
 */
export function rational(num: bigint, den: bigint = 1n): Rational {
  if (den === 0n) throw new RangeError('a fraction needs a denominator');
  const sign = den < 0n ? -1n : 1n;
  const divisor = greatestDivisor(num < 0n ? -num : num, den * sign);
  return { num: (num * sign) / divisor, den: (den * sign) / divisor };
}

export function add(left: Rational, right: Rational): Rational {
  return rational(left.num * right.den + right.num * left.den, left.den * right.den);
}

export function subtract(left: Rational, right: Rational): Rational {
  return rational(left.num * right.den - right.num * left.den, left.den * right.den);
}

export function multiply(left: Rational, right: Rational): Rational {
  return rational(left.num * right.num, left.den * right.den);
}

/** Negative, zero or positive, as `left` is below, equal to or above `right`. */
export function compare(left: Rational, right: Rational): number {
  const difference = left.num * right.den - right.num * left.den;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** The smallest integer that is not below the fraction. */
export function ceil(value: Rational): bigint {
  const whole = value.num / value.den;
  return value.num > 0n && value.num % value.den !== 0n ? whole + 1n : whole;
}

/** `a/b`, or `a` when it is a whole number, as Go's `Rat.RatString` writes it. */
export function toRatString(value: Rational): string {
  return value.den === 1n ? `${value.num}` : `${value.num}/${value.den}`;
}

const RAT_STRING = /^(-?\d+)(?:\/(\d+))?$/;

/** Parses what {@link toRatString} writes; `undefined` for anything else. */
export function parseRatString(text: string): Rational | undefined {
  const match = RAT_STRING.exec(text);
  if (!match?.[1]) return undefined;
  const den = BigInt(match[2] ?? '1');
  return den === 0n ? undefined : rational(BigInt(match[1]), den);
}

function greatestDivisor(left: bigint, right: bigint): bigint {
  let high = left;
  let low = right;
  while (low !== 0n) [high, low] = [low, high % low];
  return high;
}
