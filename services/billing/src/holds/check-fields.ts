import { CONTRACT_LIMITS, WEI_LIMIT } from '@clearinghouse/shared';

// The fields of a hold item, checked on their texts. The rules are those of the contract's schema,
// to which a property test compares them; this costs a fifth of it, and a batch has hundreds.

const HASH = /^[0-9a-f]{64}$/;
const ID = /^[\x21-\x7e]+$/;
const INT64 = /^-?(0|[1-9][0-9]{0,18})$/;
const COUNT = /^(0|[1-9][0-9]{0,37})$/;
const WEI = /^(0|[1-9][0-9]{0,77})$/;
const INT8_LIMIT = 1n << 63n;
/** Shorter texts of digits are in range whatever they say. */
const INT8_CHARS_SAFE = 18;
const WEI_MAX = (WEI_LIMIT - 1n).toString();

/** An object, not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** 32 bytes as 64 lower-case hex digits. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

/** Printable ASCII without spaces. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= CONTRACT_LIMITS.idCharsMax && ID.test(value);
}

/** An id, or nothing. */
export function isIdOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || isId(value);
}

/** A whole number between two bounds. */
export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** A non-negative integer of at most 38 digits. */
export function isCount(value: unknown): value is string {
  return typeof value === 'string' && COUNT.test(value);
}

/** A canonical amount below 2^256. */
export function isWei(value: unknown): value is string {
  if (typeof value !== 'string' || !WEI.test(value)) return false;
  // Of the same length, texts of digits are in the order of their amounts.
  return value.length < WEI_MAX.length || value <= WEI_MAX;
}

/** A signed 64-bit integer. */
export function isInt64(value: unknown): value is string {
  if (typeof value !== 'string' || !INT64.test(value)) return false;
  if (value.length <= INT8_CHARS_SAFE) return true;
  const amount = BigInt(value);
  return amount >= -INT8_LIMIT && amount < INT8_LIMIT;
}

/** Text of bounded length without control characters. */
export function isText(value: unknown, charsMax: number): value is string {
  if (typeof value !== 'string' || value.length > charsMax) return false;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return true;
}
