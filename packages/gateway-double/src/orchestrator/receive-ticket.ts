import { sameBytes, toHex, toWord } from '../amounts/big-bytes.ts';
import type { Rational } from '../amounts/rational.ts';
import { keccakBytes, recoverSigner } from '../crypto/recover-signer.ts';
import { auxDataOf, hashTicket, isWinning, type Ticket } from '../tickets/ticket.ts';
import { deriveRecipientRand } from './derive-recipient-rand.ts';
import { type NonceBook, noteNonce } from './nonce-book.ts';
import { type RefusalReason, refuse, type Verdict } from './refusals.ts';

/** What became of one ticket. A ticket may win although it was refused after the draw. */
export type TicketReceipt = {
  readonly won: boolean;
  readonly recipientRand: bigint;
  readonly refusal: RefusalReason | undefined;
  /** A fatal refusal ends the payment; any other only stops the crediting. */
  readonly fatal: boolean;
};

/** One ticket with the promise it was made under. */
export type ReceivedTicket = {
  readonly ticket: Ticket;
  readonly sig: Uint8Array;
  readonly seed: bigint;
  readonly expirationBlock: bigint;
  readonly price: Rational;
};

/** Checks a ticket in go-livepeer's order, draws it, and remembers its nonce. */
export function receiveTicket(
  deps: {
    readonly secret: Uint8Array;
    readonly address: Uint8Array;
    readonly nonces: NonceBook;
  },
  input: ReceivedTicket & {
    readonly isSenderUnlocking: boolean;
    readonly lastSeenL1Block: bigint;
  },
): TicketReceipt {
  const { ticket } = input;
  const recipientRand = deriveRecipientRand({
    secret: deps.secret,
    seed: input.seed,
    sender: ticket.sender,
    faceValue: ticket.faceValue,
    winProb: ticket.winProb,
    expirationBlock: input.expirationBlock,
    price: input.price,
    auxData: auxDataOf(ticket),
  });
  const lost = { won: false, recipientRand } as const;
  if (input.isSenderUnlocking) return { ...lost, refusal: 'sender_unlocking', fatal: true };
  const verdict = checkTicket(deps.address, ticket, recipientRand);
  if (!verdict.ok) return { ...lost, refusal: verdict.reason, fatal: true };
  const signer = recoverSigner(hashTicket(ticket), input.sig);
  if (signer !== toHex(ticket.sender)) {
    return { ...lost, refusal: 'ticket_signature', fatal: false };
  }
  const won = isWinning({ signature: input.sig, recipientRand, winProb: ticket.winProb });
  const noted = noteNonce(deps.nonces, {
    recipientRand,
    nonce: ticket.senderNonce,
    expirationBlock: input.expirationBlock,
  });
  if (!noted.ok) return { won, recipientRand, refusal: noted.reason, fatal: true };
  const isExpired = input.expirationBlock <= input.lastSeenL1Block;
  return {
    won,
    recipientRand,
    refusal: isExpired ? 'params_expired' : undefined,
    fatal: isExpired,
  };
}

function checkTicket(address: Uint8Array, ticket: Ticket, recipientRand: bigint): Verdict {
  if (!sameBytes(ticket.recipient, address)) return refuse('wrong_recipient');
  if (ticket.sender.every((byte) => byte === 0)) return refuse('sender_zero');
  const randHash = keccakBytes(toWord(recipientRand));
  return sameBytes(randHash, ticket.recipientRandHash) ? { ok: true } : refuse('rand_mismatch');
}
