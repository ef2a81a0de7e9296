import { PROTOCOL } from '../limits.ts';
import { floatString } from '../payments/format-rational.ts';
import type { ChainSnapshot, PaymentPolicy } from '../payments/plan.ts';
import { compareRational, type Rational, whole } from '../payments/rational.ts';
import { expectedValue } from './expected-value.ts';

const EV_DECIMALS = 5;

export type ParamsCheck =
  | { readonly result: 'valid' }
  /** The tickets end too soon: the gateway has to fetch new params. */
  | { readonly result: 'expired'; readonly message: string }
  | { readonly result: 'invalid'; readonly message: string };

type Params = {
  readonly faceValueWei: bigint;
  readonly winProb: bigint;
  readonly expirationBlock: bigint;
};

/**
 * Checks ticket params for `numTickets` tickets as go-livepeer's `ValidateTicketParams` does,
 * in its order and with its messages; the first failure counts. A ticket of no expected value
 * passes (it is refused later, since none is bought).
 */
export function checkTicketParams(input: {
  readonly params: Params;
  readonly numTickets: number;
  readonly chain: ChainSnapshot;
  readonly policy: PaymentPolicy;
}): ParamsCheck {
  const { params, chain } = input;
  if (BigInt.asUintN(64, params.expirationBlock) === 0n) {
    return invalid('ticketParams expiration block is 0');
  }
  if (params.expirationBlock - chain.l1Block <= PROTOCOL.expirationMarginBlocks) {
    return { result: 'expired', message: 'TicketParams expired' };
  }
  const ev = expectedValue(params);
  if (ev.num <= 0n) return { result: 'valid' };
  const message =
    ticketFault(params, ev, input.policy) ??
    senderFault(chain) ??
    totalFault(params, ev, input.numTickets, chain, input.policy);
  return message === undefined ? { result: 'valid' } : invalid(message);
}

function ticketFault(params: Params, ev: Rational, policy: PaymentPolicy): string | undefined {
  if (compareRational(ev, whole(params.faceValueWei)) >= 0) {
    return `ticket faceValue too low faceValue=${params.faceValueWei}`;
  }
  if (compareRational(ev, policy.maxTicketEvWei) > 0) {
    return `ticket EV ${show(ev)} > max ticket EV ${show(policy.maxTicketEvWei)}`;
  }
  return undefined;
}

function senderFault({ sender, lastInitializedRound }: ChainSnapshot): string | undefined {
  if (sender.withdrawRound !== 0n && sender.withdrawRound <= lastInitializedRound + 1n) {
    return 'unable to validate sender: deposit and reserve is set to unlock soon';
  }
  if (sender.reserveFundsRemainingWei === 0n) return 'no sender reserve';
  if (sender.depositWei === 0n) return 'no sender deposit';
  return undefined;
}

function totalFault(
  params: Params,
  ev: Rational,
  numTickets: number,
  { sender }: ChainSnapshot,
  policy: PaymentPolicy,
): string | undefined {
  const total = { num: ev.num * BigInt(numTickets), den: ev.den };
  if (compareRational(total, policy.maxTotalEvWei) > 0) {
    const max = show(policy.maxTotalEvWei);
    return `total ticket EV ${show(total)} for ${numTickets} tickets > max total ticket EV ${max}`;
  }
  const maxFaceValueWei = sender.depositWei / policy.depositMultiplier;
  if (params.faceValueWei > maxFaceValueWei) {
    return `ticket faceValue ${params.faceValueWei} > max faceValue ${maxFaceValueWei}`;
  }
  return undefined;
}

function show(value: Rational): string {
  return floatString(value, EV_DECIMALS);
}

function invalid(message: string): ParamsCheck {
  return { result: 'invalid', message };
}
