import {
  add,
  ceil,
  compare,
  countUnits,
  decodePayment,
  expectedValue,
  type JobType,
  multiply,
  type PayOutcome,
  parseRatString,
  type Rational,
  rational,
  readState,
  type StateContent,
  subtract,
  ZERO,
} from '@clearinghouse/gateway-double';

/** A payment as the demo worked it out by itself, from what the gateway and the network saw. */
export type PaymentRecord = {
  readonly tickets: number;
  /** Expected value of its tickets, exactly. */
  readonly ev: Rational;
  readonly ticketEvWei: bigint;
  readonly units: bigint;
  readonly feeWei: bigint;
  /** The session's balance afterwards, as the signer carries it. */
  readonly balance: Rational;
  readonly authId: string;
};

/**
 * Opens the signed states before and after a payment and does the sum again: units from the
 * time between them, fee from the first price, balance from tickets and fee.
 *
 * @throws Error saying what the signer got wrong.
 */
export function recordPayment(
  outcome: Extract<PayOutcome, { kind: 'paid' }>,
  session: { readonly type: JobType; readonly signerAddress: string },
): PaymentRecord {
  const state = readState(outcome.state, session.signerAddress);
  const previous = outcome.previousState && readState(outcome.previousState, session.signerAddress);
  if (state === undefined) throw new Error('a state is not signed by the signer');
  checkSuccession(previous, state, session.type);
  const { tickets, ev } = ticketsOf(outcome.headers.payment);
  const elapsedNs = previous && state.lastUpdateNs - previous.lastUpdateNs;
  const units = countUnits(session.type, elapsedNs);
  const price = rational(state.initialPricePerUnit, state.initialPixelsPerUnit);
  const fee = multiply(price, rational(units));
  const before = previous === undefined ? ZERO : balanceOf(previous);
  const balance = balanceOf(state);
  const expected = subtract(add(before, ev), fee);
  if (compare(balance, expected) !== 0) {
    throw new Error(`the balance of state ${state.stateId} is not old + tickets - fee`);
  }
  return {
    tickets,
    ev,
    ticketEvWei: ceil(ev),
    units,
    feeWei: ceil(fee),
    balance,
    authId: state.authId,
  };
}

function checkSuccession(
  previous: StateContent | undefined,
  state: StateContent,
  type: JobType,
): void {
  const expectedNumber = previous === undefined ? 0n : previous.sequenceNumber + 1n;
  if (state.sequenceNumber !== expectedNumber) throw new Error('a sequence number was skipped');
  if (state.type !== type) throw new Error('a state has another type than its session');
  if (previous === undefined) return;
  const isSame =
    previous.stateId === state.stateId &&
    previous.authId === state.authId &&
    previous.initialPricePerUnit === state.initialPricePerUnit &&
    previous.initialPixelsPerUnit === state.initialPixelsPerUnit;
  if (!isSame) throw new Error('a state changed its id, its owner or its first price');
}

function ticketsOf(header: string): { tickets: number; ev: Rational } {
  const payment = decodePayment(Buffer.from(header, 'base64'));
  if (payment.ticketParams === undefined) throw new Error('a payment has no ticket params');
  const tickets = payment.tickets.length;
  return { tickets, ev: multiply(expectedValue(payment.ticketParams), rational(BigInt(tickets))) };
}

function balanceOf(state: StateContent): Rational {
  const balance = parseRatString(state.balance);
  if (balance === undefined) throw new Error(`a balance is not a fraction: ${state.balance}`);
  return balance;
}
