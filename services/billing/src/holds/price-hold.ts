import {
  ceilMicroUsd,
  chargeExact,
  type EthUsdE8,
  MICRO_USD_LIMIT,
  type Wei,
} from '@clearinghouse/shared';
import type { HoldPrice } from './hold.ts';

/** The price snapshot and markup under which a hold is granted. */
export type PriceTerms = {
  readonly fxId: bigint;
  readonly priceE8: EthUsdE8;
  readonly markupBps: number;
};

/**
 * What a fee costs the customer: exactly, and rounded up to what the hold reserves.
 *
 * @returns `undefined` when the charge leaves the range of micro-USD (`amount_out_of_range`).
 */
export function priceHold(feeWei: Wei, terms: PriceTerms): HoldPrice | undefined {
  const exact = chargeExact(feeWei, terms.priceE8, BigInt(terms.markupBps));
  const holdMicros = ceilMicroUsd(exact);
  if (holdMicros >= MICRO_USD_LIMIT) return undefined;
  return {
    fxId: terms.fxId,
    markupBps: terms.markupBps,
    chargeExact: exact,
    chargeHoldMicros: holdMicros,
  };
}
