import {
  compareRational,
  maxRational,
  type Rational,
  reduceRational,
  sumRational,
} from './rational.ts';

export type TicketCount = {
  /** How many tickets to buy; 0 when the carried balance covers the payment. */
  readonly numTickets: bigint;
  /** The balance afterwards, in lowest terms; never negative when tickets are bought. */
  readonly newBalance: Rational;
};

/**
 * How many tickets a payment takes (go-livepeer's `StageUpdate`):
 *
 *     minCredit  = max(fee, ev)
 *     numTickets = ceil((minCredit - balance) / ev), 0 when balance >= minCredit or ev = 0
 *     newBalance = balance + numTickets x ev - fee
 *
 * With `atLeastOne` a covered payment still buys one ticket. A `fixed` session asks for it:
 * its fee does not grow with time, so a balance that once covers max(fee, ev) would be
 * answered 482 for ever, and a payment without a ticket cannot be written on the wire.
 *
 * With a `reserve` the credit must cover fee + reserve; for the sake of the reserve alone no
 * more than `ticketsMax` are bought.
 */
export function countTickets(input: {
  readonly fee: Rational;
  readonly ev: Rational;
  readonly balance: Rational;
  readonly atLeastOne?: boolean;
  readonly reserve?: { readonly credit: Rational; readonly ticketsMax: bigint };
}): TicketCount {
  const { fee, ev, balance } = input;
  if (ev.num <= 0n) return { numTickets: 0n, newBalance: balance };
  let numTickets = neededFor(maxRational(fee, ev), balance, ev);
  if (input.reserve !== undefined && input.reserve.credit.num > 0n) {
    const { credit, ticketsMax } = input.reserve;
    let wanted = neededFor(maxRational(sumRational(fee, credit), ev), balance, ev);
    if (wanted > ticketsMax) wanted = ticketsMax;
    if (wanted > numTickets) numTickets = wanted;
  }
  if (numTickets === 0n && input.atLeastOne === true) numTickets = 1n;
  if (numTickets === 0n) return { numTickets, newBalance: balance };
  return { numTickets, newBalance: balanceAfter(balance, ev, fee, numTickets) };
}

/** Tickets until `balance` reaches `minCredit`. */
function neededFor(minCredit: Rational, balance: Rational, ev: Rational): bigint {
  if (compareRational(balance, minCredit) >= 0) return 0n;
  const missing = minCredit.num * balance.den - balance.num * minCredit.den;
  return ceilDivide(missing * ev.den, minCredit.den * balance.den * ev.num);
}

function balanceAfter(balance: Rational, ev: Rational, fee: Rational, count: bigint): Rational {
  const credit = { num: ev.num * count * fee.den - fee.num * ev.den, den: ev.den * fee.den };
  // The usual carried balance has a denominator that divides the others'.
  if (credit.den % balance.den === 0n) {
    const num = balance.num * (credit.den / balance.den) + credit.num;
    return reduceRational({ num, den: credit.den });
  }
  const num = balance.num * credit.den + credit.num * balance.den;
  return reduceRational({ num, den: balance.den * credit.den });
}

/** Both positive. */
function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
