import { toHex } from '../amounts/big-bytes.ts';
import { add, type Rational, rational, ZERO } from '../amounts/rational.ts';
import { expectedValue, type Ticket } from '../tickets/ticket.ts';
import type { Payment, PriceInfo, TicketParams } from '../wire/messages.ts';
import type { ChainView } from './chain-view.ts';
import { forgetExpired, type NonceBook } from './nonce-book.ts';
import { receiveTicket } from './receive-ticket.ts';
import type { RefusalReason } from './refusals.ts';

/** A ticket that can be redeemed on the chain. */
export type WinningTicket = {
  readonly ticket: Ticket;
  readonly sig: Uint8Array;
  readonly recipientRand: bigint;
};

/** What a payment brought, and why it was refused if it was. */
export type ProcessedPayment = {
  readonly refusal: RefusalReason | undefined;
  readonly ticketsAccepted: number;
  readonly credit: Rational;
  readonly price: Rational;
  readonly winners: readonly WinningTicket[];
};

/** Takes the tickets of a payment, one after the other, as go-livepeer's ProcessPayment does. */
export async function processPayment(
  deps: {
    readonly secret: Uint8Array;
    readonly address: Uint8Array;
    readonly nonces: NonceBook;
    readonly chain: ChainView;
  },
  payment: Payment,
): Promise<ProcessedPayment> {
  const price = priceOf(payment.expectedPrice);
  const params = payment.ticketParams;
  if (params === undefined) return nothing('ticket_params_missing', price);
  if (payment.sender.every((byte) => byte === 0)) return nothing('sender_missing', price);
  if (!(await deps.chain.isActive(toHex(params.recipient)))) {
    return nothing('recipient_inactive', price);
  }
  if (price === undefined) return nothing('expected_price_invalid', price);
  const [lastSeenL1Block, round, withdrawRound] = await Promise.all([
    deps.chain.lastSeenL1Block(),
    deps.chain.currentRound(),
    deps.chain.withdrawRoundOf(toHex(payment.sender)),
  ]);
  forgetExpired(deps.nonces, lastSeenL1Block);
  const isSenderUnlocking = withdrawRound !== 0n && withdrawRound <= round.number + 1n;
  return takeTickets(deps, { payment, params, price, isSenderUnlocking, lastSeenL1Block });
}

type Taking = {
  readonly payment: Payment;
  readonly params: TicketParams;
  readonly price: Rational;
  readonly isSenderUnlocking: boolean;
  readonly lastSeenL1Block: bigint;
};

function takeTickets(deps: Parameters<typeof receiveTicket>[0], input: Taking): ProcessedPayment {
  const { payment, params, price } = input;
  const ev = expectedValue(params);
  const winners: WinningTicket[] = [];
  let refusal: RefusalReason | undefined;
  let ticketsAccepted = 0;
  let credit = ZERO;
  for (const { nonce, sig } of payment.tickets) {
    const ticket = ticketOf(payment, params, nonce);
    const receipt = receiveTicket(deps, {
      ticket,
      sig,
      seed: params.seed,
      expirationBlock: params.expirationBlock,
      price,
      isSenderUnlocking: input.isSenderUnlocking,
      lastSeenL1Block: input.lastSeenL1Block,
    });
    if (receipt.won) winners.push({ ticket, sig, recipientRand: receipt.recipientRand });
    refusal ??= receipt.refusal;
    if (receipt.fatal) break;
    if (refusal !== undefined) continue;
    ticketsAccepted += 1;
    credit = add(credit, ev);
  }
  return { refusal, ticketsAccepted, credit, price, winners };
}

function ticketOf(payment: Payment, params: TicketParams, senderNonce: number): Ticket {
  return {
    recipient: params.recipient,
    sender: payment.sender,
    faceValue: params.faceValue,
    winProb: params.winProb,
    senderNonce,
    recipientRandHash: params.recipientRandHash,
    ...payment.expirationParams,
  };
}

function priceOf(price: PriceInfo | undefined): Rational | undefined {
  if (price === undefined || price.pixelsPerUnit <= 0n || price.pricePerUnit < 0n) return undefined;
  return rational(price.pricePerUnit, price.pixelsPerUnit);
}

function nothing(refusal: RefusalReason, price: Rational | undefined): ProcessedPayment {
  return { refusal, ticketsAccepted: 0, credit: ZERO, price: price ?? ZERO, winners: [] };
}
