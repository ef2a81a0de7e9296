import { PROTOCOL } from '../limits.ts';
import { maxRational, type Rational, sumRational, ZERO } from './rational.ts';

/** Units of one second, of the job types that bill time. */
const UNITS_PER_SEC: Readonly<Record<string, bigint>> = {
  lv2v: BigInt(PROTOCOL.lv2vPixelsPerSec),
  live: 1n,
};

/**
 * What a time-billed session keeps with the orchestrator beyond the fee of this call, in wei.
 *
 * go-livepeer's rule buys only once the carried credit is used up to the last second, so that the
 * orchestrator is left with the preload alone just before each payment: a payment that is lost on
 * its way ends the session. Kept here is the value of one ticket and `reserveSec` seconds, which a
 * lost payment may take, and the next call makes good. A first call has nothing to lose yet: it
 * makes sure of twice `reserveSec`, so that the second one may be lost (with lv2v the preload is
 * more than that already).
 *
 * `reserveSec` 0 is go-livepeer's own rule. Other job types do not bill time and keep nothing.
 */
export function sessionReserve(input: {
  readonly type: string;
  readonly isFirst: boolean;
  /** wei a unit. */
  readonly price: Rational;
  readonly fee: Rational;
  readonly ev: Rational;
  readonly reserveSec: number;
}): Rational {
  const unitsPerSec = UNITS_PER_SEC[input.type];
  if (unitsPerSec === undefined || input.reserveSec === 0) return ZERO;
  const { price, fee, ev } = input;
  const units = unitsPerSec * BigInt(input.reserveSec);
  const horizon = { num: price.num * units, den: price.den };
  if (!input.isFirst) return sumRational(ev, horizon);
  const twice = { num: 2n * horizon.num, den: horizon.den };
  return maxRational(sumRational(twice, { num: -fee.num, den: fee.den }), ZERO);
}
