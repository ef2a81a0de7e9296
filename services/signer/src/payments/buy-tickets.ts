import { SIGNER_LIMITS } from '../limits.ts';
import { expectedValue } from '../tickets/expected-value.ts';
import { askRefresh } from './check-refresh.ts';
import { feeOf } from './fee.ts';
import { ratString } from './format-rational.ts';
import { parseRational } from './parse-rational.ts';
import type { OpenedRequest, PlanRefusal, SessionPolicy } from './plan.ts';
import { ceilRational, type Rational, ZERO } from './rational.ts';
import { refusePlan } from './refuse-plan.ts';
import { sessionReserve } from './session-reserve.ts';
import { countTickets } from './ticket-count.ts';

const WEI_LIMIT = 1n << 256n;

export type Purchase = {
  readonly ok: true;
  readonly initialPricePerUnit: bigint;
  readonly initialPixelsPerUnit: bigint;
  readonly fee: Rational;
  readonly feeWei: bigint;
  readonly ticketEvWei: bigint;
  readonly newBalance: string;
  readonly sessionCreditWei: bigint;
  readonly pmSessionId: string;
  readonly nonceFrom: number;
  readonly numTickets: number;
};

/**
 * Rows 20 to 22: the fee at the session's initial price, and the tickets that cover it.
 *
 * Codes: no_tickets (482, the carried balance covers the fee), too_many_tickets,
 * refresh_session (480, an orchestrator keeps only `nonceMax` nonces of one
 * recipientRandHash), invalid_state (a balance that no signer of ours wrote).
 *
 * A `fixed` session never gets 482 because of its balance: it buys one ticket more. Its fee
 * does not grow with time, so it would be answered 482 for ever; a payment without a ticket
 * cannot be written, and a refresh would throw the carried credit away.
 *
 * A session that bills time keeps a reserve, see {@link sessionReserve}; it never makes a payment
 * larger than the operator's bounds allow.
 */
export function buyTickets(
  policy: SessionPolicy,
  opened: OpenedRequest,
  units: bigint,
): Purchase | PlanRefusal {
  const { state, info } = opened;
  const price = {
    pricePerUnit: state?.initialPricePerUnit ?? info.priceInfo.pricePerUnit,
    pixelsPerUnit: state?.initialPixelsPerUnit ?? info.priceInfo.pixelsPerUnit,
  };
  const fee = feeOf({ ...price, units });
  const ev = expectedValue(info.ticketParams);
  // Text that is no fraction counts as nothing, as in go-livepeer.
  const balance = parseRational(state?.balance ?? '') ?? ZERO;
  const atLeastOne = state !== undefined && opened.type === 'fixed';
  const credit = sessionReserve({
    type: opened.type,
    isFirst: state === undefined,
    price: { num: price.pricePerUnit, den: price.pixelsPerUnit },
    fee,
    ev,
    reserveSec: policy.sessionReserveSec,
  });
  const reserve = { credit, ticketsMax: reservedTicketsMax(policy, ev) };
  const { numTickets, newBalance } = countTickets({ fee, ev, balance, atLeastOne, reserve });
  if (numTickets <= 0n) return refusePlan('no_tickets');
  if (numTickets > BigInt(SIGNER_LIMITS.ticketsMax)) {
    const max = SIGNER_LIMITS.ticketsMax;
    return refusePlan('too_many_tickets', `numTickets ${numTickets} exceeds maximum of ${max}`);
  }
  const nonces = nextNonces(opened, Number(numTickets));
  if (nonces.nonceFrom + Number(numTickets) - 1 > SIGNER_LIMITS.nonceMax) {
    return askRefresh(opened);
  }
  const text = ratString(newBalance);
  const sessionCreditWei = ceilRational(newBalance);
  if (text.length > SIGNER_LIMITS.rationalCharsMax || sessionCreditWei >= WEI_LIMIT) {
    return refusePlan('invalid_state');
  }
  return {
    ok: true,
    initialPricePerUnit: price.pricePerUnit,
    initialPixelsPerUnit: price.pixelsPerUnit,
    fee,
    feeWei: ceilRational(fee),
    ticketEvWei: ceilRational({ num: ev.num * numTickets, den: ev.den }),
    newBalance: text,
    sessionCreditWei,
    ...nonces,
  };
}

/** Beyond these a payment would be refused, which its fee alone would not have been. */
function reservedTicketsMax({ maxTotalEvWei }: SessionPolicy, ev: Rational): bigint {
  const ticketsMax = BigInt(SIGNER_LIMITS.ticketsMax);
  if (ev.num <= 0n) return ticketsMax;
  const byEv = (maxTotalEvWei.num * ev.den) / (maxTotalEvWei.den * ev.num);
  return byEv < ticketsMax ? byEv : ticketsMax;
}

/** Nonces go on while the recipient's secret stays the same, and start at 1 with a new one. */
function nextNonces(
  { state, info }: OpenedRequest,
  numTickets: number,
): Pick<Purchase, 'pmSessionId' | 'nonceFrom' | 'numTickets'> {
  const { recipientRandHash } = info.ticketParams;
  const pmSessionId = `0x${Buffer.from(recipientRandHash).toString('hex')}`;
  const used = state?.pmSessionId === pmSessionId ? state.senderNonce : 0;
  return { pmSessionId, nonceFrom: used + 1, numTickets };
}
