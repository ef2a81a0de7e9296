import { type Rational, reduceRational } from './rational.ts';

/** Go's `RatString`: `a/b` in lowest terms, or `a` when it is whole. */
export function ratString(value: Rational): string {
  const { num, den } = reduceRational(value);
  return den === 1n ? num.toString() : `${num}/${den}`;
}

/** Go's `FloatString(decimals)`: rounded half away from zero. */
export function floatString({ num, den }: Rational, decimals: number): string {
  const scale = 10n ** BigInt(decimals);
  const magnitude = num < 0n ? -num : num;
  const scaled = magnitude * scale;
  const rounded = scaled / den + ((scaled % den) * 2n >= den ? 1n : 0n);
  const sign = num < 0n ? '-' : '';
  if (decimals === 0) return `${sign}${rounded}`;
  const fraction = (rounded % scale).toString().padStart(decimals, '0');
  return `${sign}${rounded / scale}.${fraction}`;
}
