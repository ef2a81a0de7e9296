/** An amount of wei: a non-negative integer below 2^256. Built only by {@link wei} or {@link parseWei}. */
export type Wei = bigint & { readonly __unit: 'wei' };

/** One more than the largest uint256: no amount on the chain reaches it. */
export const WEI_LIMIT = 1n << 256n;

const DECIMAL_INTEGER = /^(0|[1-9][0-9]{0,77})$/;

/**
 * Brands a bigint as wei.
 *
 * @throws RangeError when it is negative or 2^256 or above: a programmer's error, since
 * outside input goes through {@link parseWei}.
 */
export function wei(value: bigint): Wei {
  if (value < 0n || value >= WEI_LIMIT) throw new RangeError('wei out of range');
  return value as Wei;
}

/**
 * Parses a canonical decimal string (`0`, `17`, no sign, no exponent, no leading zero).
 *
 * @returns the amount, or `undefined` when the text is not canonical or is out of range
 * (answer `invalid_amount`).
 */
export function parseWei(text: string): Wei | undefined {
  if (!DECIMAL_INTEGER.test(text)) return undefined;
  const value = BigInt(text);
  return value < WEI_LIMIT ? (value as Wei) : undefined;
}
