import type { Wei } from './wei.ts';

/**
 * An exact amount of micro-USD as a fraction: `numerator / USD_SCALE`.
 * Remainders are carried in this unit, so nothing is ever lost to rounding.
 */
export type MicroUsdExact = bigint & { readonly __unit: 'microUsdExact' };

/** A price of one ETH in USD with eight decimals, as price feeds give it. */
export type EthUsdE8 = bigint & { readonly __unit: 'ethUsdE8' };

/** Basis points in one: a markup of 250 bps multiplies by 10,250 / 10,000. */
const BPS = 10_000n;

/**
 * micro-USD = wei * priceE8 / 10^20 (18 decimals of wei + 8 of the price - 6 of micro-USD),
 * times (10,000 + markup) / 10,000.
 */
export const USD_SCALE = 10n ** 20n * BPS;

/** Brands a price; throws RangeError when it is not positive. */
export function ethUsdE8(value: bigint): EthUsdE8 {
  if (value <= 0n) throw new RangeError('price must be positive');
  return value as EthUsdE8;
}

/** Converts wei at a price with a markup, exactly. */
export function chargeExact(amountWei: Wei, price: EthUsdE8, markupBps: bigint): MicroUsdExact {
  return (amountWei * price * (BPS + markupBps)) as MicroUsdExact;
}

/** The smallest whole micro-USD that covers the exact amount: what a hold reserves. */
export function ceilMicroUsd(exact: bigint): bigint {
  return exact <= 0n ? -(-exact / USD_SCALE) : (exact + USD_SCALE - 1n) / USD_SCALE;
}

/** The largest whole micro-USD not above the exact amount: what a settlement debits. */
export function floorMicroUsd(exact: bigint): bigint {
  const quotient = exact / USD_SCALE;
  return exact < 0n && exact % USD_SCALE !== 0n ? quotient - 1n : quotient;
}
