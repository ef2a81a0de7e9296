import { SIGNER_LIMITS } from '../limits.ts';
import type { Rational } from './rational.ts';

const PLAIN = /^(-?[0-9]+)(?:\/([0-9]+))?$/;
const FLOATING = /^(0[bBoO]_?)?([0-9_]*)(?:\.([0-9_]*))?(?:([eEpP])([+-]?[0-9_]+))?$/;
const HEXADECIMAL = /^(0[xX]_?)([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?(?:([pP])([+-]?[0-9_]+))?$/;
const DIGITS = { 2: /^[01]+$/, 8: /^[0-7]+$/, 10: /^[0-9]+$/, 16: /^[0-9a-fA-F]+$/ } as const;
const BITS = { 2: 1, 8: 3, 16: 4 } as const;

/**
 * Parses a fraction as Go's `big.Rat.SetString` does: `5`, `-5/3`, `1.5`, `.5`, `5.`, `1e3`,
 * `0x10`, `0x1p4`, `1_000`; a leading 0 means octal only in `a/b`. No spaces, no `Inf`.
 *
 * The result is not always in lowest terms. Gives `undefined` for anything else, and for text
 * longer than `rationalCharsMax` or exponents above `rationalExponentMax`, which would cost
 * memory out of proportion (`1e999999999`).
 */
export function parseRational(text: string): Rational | undefined {
  if (text.length === 0 || text.length > SIGNER_LIMITS.rationalCharsMax) return undefined;
  const plain = PLAIN.exec(text);
  if (plain !== null && isPlainDecimal(text)) {
    const den = BigInt(plain[2] ?? '1');
    return den === 0n ? undefined : { num: BigInt(plain[1] ?? '0'), den };
  }
  const slash = text.indexOf('/');
  return slash < 0 ? parseFloating(text) : parseQuotient(text, slash);
}

/** No leading zero that would mean octal in a quotient. */
function isPlainDecimal(text: string): boolean {
  return !text.includes('/') || !/(?:^|[-/])0[0-9]/.test(text);
}

function parseQuotient(text: string, slash: number): Rational | undefined {
  const { negative, rest } = splitSign(text.slice(0, slash));
  const num = parseInteger(rest);
  const den = parseInteger(text.slice(slash + 1));
  if (num === undefined || den === undefined || den === 0n) return undefined;
  return { num: negative ? -num : num, den };
}

/** An unsigned integer with Go's base prefixes, `0…` being octal. */
function parseInteger(text: string): bigint | undefined {
  const prefixed = /^0([xXbBoO])(.*)$/.exec(text);
  if (prefixed !== null) return digitsOf(prefixed[2] ?? '', baseOf(prefixed[1] ?? ''), true);
  if (/^0[0-9_]/.test(text)) return digitsOf(text.slice(1), 8, true);
  return digitsOf(text, 10, false);
}

function parseFloating(text: string): Rational | undefined {
  const { negative, rest } = splitSign(text);
  const match = HEXADECIMAL.exec(rest) ?? FLOATING.exec(rest);
  if (match === null) return undefined;
  const [, prefix, mantissaText = '', fractionText = '', mark, exponentText] = match;
  const base = prefix === undefined ? 10 : baseOf(prefix[1] ?? '');
  const exponent = exponentOf(exponentText);
  if (exponent === undefined || mantissaText.startsWith('_')) return undefined;
  if (fractionText.startsWith('_') || mantissaText.endsWith('_')) return undefined;
  const mantissa = digitsOf(`${mantissaText}${fractionText}`, base, false);
  if (mantissa === undefined) return undefined;
  const num = negative ? -mantissa : mantissa;
  return scale(num, base, fractionText.replaceAll('_', '').length, mark, exponent);
}

/** mantissa x base^-fractionDigits x (10 or 2)^exponent. */
function scale(
  num: bigint,
  base: 2 | 8 | 10 | 16,
  fractionDigits: number,
  mark: string | undefined,
  exponent: number,
): Rational {
  const isBinary = mark === 'p' || mark === 'P';
  let ten = isBinary ? 0 : exponent;
  let two = isBinary ? exponent : 0;
  if (base === 10) ten -= fractionDigits;
  else two -= fractionDigits * BITS[base];
  const factor = power(10n, ten);
  const shift = power(2n, two);
  return { num: num * factor.num * shift.num, den: factor.den * shift.den };
}

function power(base: bigint, exponent: number): Rational {
  const value = base ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { num: 1n, den: value } : { num: value, den: 1n };
}

function exponentOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const { negative, rest } = splitSign(text);
  const digits = digitsOf(rest, 10, false);
  if (digits === undefined || digits > BigInt(SIGNER_LIMITS.rationalExponentMax)) return undefined;
  return negative ? -Number(digits) : Number(digits);
}

/** Digits with single underscores between them (or behind a prefix) as an integer. */
function digitsOf(text: string, base: 2 | 8 | 10 | 16, behindPrefix: boolean): bigint | undefined {
  const start = behindPrefix && text.startsWith('_') ? text.slice(1) : text;
  if (/^_|_$|__/.test(start)) return undefined;
  const digits = start.replaceAll('_', '');
  if (!DIGITS[base].test(digits)) return undefined;
  if (base === 10) return BigInt(digits);
  return BigInt(`${base === 16 ? '0x' : base === 8 ? '0o' : '0b'}${digits}`);
}

function baseOf(letter: string): 2 | 8 | 16 {
  const lower = letter.toLowerCase();
  if (lower === 'x') return 16;
  return lower === 'o' ? 8 : 2;
}

function splitSign(text: string): { negative: boolean; rest: string } {
  const negative = text.startsWith('-');
  return { negative, rest: negative || text.startsWith('+') ? text.slice(1) : text };
}
