import { fitLeft, toHex, toWord } from '../amounts/big-bytes.ts';
import { type Rational, rational } from '../amounts/rational.ts';
import { keccakBytes } from '../crypto/recover-signer.ts';

/** A ticket of the TicketBroker. */
export type Ticket = {
  readonly recipient: Uint8Array;
  readonly sender: Uint8Array;
  readonly faceValue: bigint;
  readonly winProb: bigint;
  readonly senderNonce: number;
  readonly recipientRandHash: Uint8Array;
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Uint8Array;
};

/** A winning probability of one. */
export const WIN_PROB_MAX = (1n << 256n) - 1n;

/** round || block hash, or nothing when both are zero. */
export function auxDataOf(ticket: {
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Uint8Array;
}): Uint8Array {
  const isEmpty =
    ticket.creationRound === 0n && ticket.creationRoundBlockHash.every((byte) => byte === 0);
  if (isEmpty) return new Uint8Array();
  return Buffer.concat([toWord(ticket.creationRound), fitLeft(ticket.creationRoundBlockHash, 32)]);
}

/** The packed bytes whose keccak256 is the ticket's hash. */
export function flattenTicket(ticket: Ticket): Uint8Array {
  return Buffer.concat([
    fitLeft(ticket.recipient, 20),
    fitLeft(ticket.sender, 20),
    toWord(ticket.faceValue),
    toWord(ticket.winProb),
    toWord(BigInt(ticket.senderNonce)),
    fitLeft(ticket.recipientRandHash, 32),
    auxDataOf(ticket),
  ]);
}

/** The hash that the sender signs and the contract remembers as used. */
export function hashTicket(ticket: Ticket): Uint8Array {
  return keccakBytes(flattenTicket(ticket));
}

/** keccak256(signature || rand) as an integer below the winning probability, strictly. */
export function isWinning(input: {
  readonly signature: Uint8Array;
  readonly recipientRand: bigint;
  readonly winProb: bigint;
}): boolean {
  const outcome = keccakBytes(Buffer.concat([input.signature, toWord(input.recipientRand)]));
  return BigInt(toHex(outcome)) < input.winProb;
}

/** What a ticket is worth before it is drawn: faceValue x winProb / (2^256 - 1), exactly. */
export function expectedValue(ticket: {
  readonly faceValue: bigint;
  readonly winProb: bigint;
}): Rational {
  return rational(ticket.faceValue * ticket.winProb, WIN_PROB_MAX);
}
