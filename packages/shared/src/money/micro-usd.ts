/** Millionths of a US dollar, an integer; negative only for what is owed. */
export type MicroUsd = bigint & { readonly __unit: 'microUsd' };

/** Far above any balance, far below what `numeric(100,0)` holds. */
export const MICRO_USD_LIMIT = 10n ** 30n;

const DECIMAL_INTEGER = /^(0|[1-9][0-9]{0,29})$/;

/** Brands a bigint as micro-USD; throws RangeError beyond +-10^30 (a programmer's error). */
export function microUsd(value: bigint): MicroUsd {
  if (value <= -MICRO_USD_LIMIT || value >= MICRO_USD_LIMIT) {
    throw new RangeError('micro-USD out of range');
  }
  return value as MicroUsd;
}

/** Parses a canonical non-negative decimal string; `undefined` when it is not one. */
export function parseMicroUsd(text: string): MicroUsd | undefined {
  return DECIMAL_INTEGER.test(text) ? (BigInt(text) as MicroUsd) : undefined;
}
