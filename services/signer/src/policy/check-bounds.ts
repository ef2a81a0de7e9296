import { PROTOCOL } from '../limits.ts';
import { floatString } from '../payments/format-rational.ts';
import type { PaymentPlan, PlanRefusal } from '../payments/plan.ts';
import { compareRational, type Rational } from '../payments/rational.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import { expectedValue } from '../tickets/expected-value.ts';

const DECIMALS = 3;

/** Bounds of the operator's own, beside go-livepeer's; what is absent is not bounded. */
export type TicketBounds = {
  /** Face value of one ticket: what one winning ticket costs. */
  readonly faceValueMaxWei?: bigint;
  /** Chance to win, 0 to 1. A very small one with a high face value pays rarely, and much. */
  readonly winProbMin?: Rational;
  readonly winProbMax?: Rational;
  /** Expected value of one ticket, and of all of one payment. */
  readonly ticketEvMinWei?: Rational;
  readonly ticketEvMaxWei?: Rational;
  readonly paymentEvMaxWei?: Rational;
};

/**
 * Whether the tickets of a payment keep within the operator's bounds; a value equal to its bound
 * does. Codes: policy_face_value, policy_win_prob, policy_ticket_ev, policy_payment_ev.
 */
export function checkBounds(
  bounds: TicketBounds,
  { tickets }: Pick<PaymentPlan, 'tickets'>,
): PlanRefusal | undefined {
  const { faceValueMaxWei } = bounds;
  if (faceValueMaxWei !== undefined && tickets.faceValueWei > faceValueMaxWei) {
    const text = `ticket faceValue ${tickets.faceValueWei} > max faceValue ${faceValueMaxWei}`;
    return refusePlan('policy_face_value', text);
  }
  const winProb = { num: tickets.winProb, den: PROTOCOL.maxWinProb };
  if (!isWithin(winProb, bounds.winProbMin, bounds.winProbMax)) {
    return refusePlan('policy_win_prob');
  }
  const ev = expectedValue(tickets);
  if (!isWithin(ev, bounds.ticketEvMinWei, bounds.ticketEvMaxWei)) {
    const text = `ticket EV ${floatString(ev, DECIMALS)} is out of bounds`;
    return refusePlan('policy_ticket_ev', text);
  }
  const total = { num: ev.num * BigInt(tickets.count), den: ev.den };
  if (!isWithin(total, undefined, bounds.paymentEvMaxWei)) {
    const text = `payment EV ${floatString(total, DECIMALS)} is above the maximum`;
    return refusePlan('policy_payment_ev', text);
  }
  return undefined;
}

function isWithin(value: Rational, least: Rational | undefined, most: Rational | undefined) {
  if (least !== undefined && compareRational(value, least) < 0) return false;
  return most === undefined || compareRational(value, most) <= 0;
}
