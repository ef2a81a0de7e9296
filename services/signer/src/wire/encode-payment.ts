import type { TicketBatch } from '../tickets/ticket.ts';
import { openMessage } from './message-writer.ts';
import { toMinimalBytes } from './normalise-bytes.ts';

const SIGNATURE_BYTES = 65;

export type PaymentFields = {
  /** The signer's address: 20 bytes. */
  readonly sender: Uint8Array;
  readonly tickets: TicketBatch;
  readonly seed: bigint;
  readonly expirationBlock: bigint;
  /** The current `net.PriceInfo`, encoded. */
  readonly expectedPrice: Uint8Array;
  /** 65 bytes a ticket in nonce order; without them every `sig` stays empty. */
  readonly signatures?: Uint8Array;
};

/** Writes `net.Payment`, byte for byte as go-livepeer's gateway does. */
export function encodePayment(payment: PaymentFields): Uint8Array {
  const { tickets, signatures } = payment;
  const out = openMessage();
  out.message(1, encodeTicketParams(payment));
  out.bytes(2, payment.sender);
  out.message(3, encodeExpiration(tickets));
  for (let index = 0; index < tickets.count; index += 1) {
    const sender = openMessage();
    sender.integer(1, BigInt(tickets.nonceFrom + index));
    const from = index * SIGNATURE_BYTES;
    if (signatures) sender.bytes(2, signatures.subarray(from, from + SIGNATURE_BYTES));
    out.message(4, sender.finish());
  }
  out.message(5, payment.expectedPrice);
  return out.finish();
}

/** `net.TicketParams` without expiration params, which have a place of their own. */
function encodeTicketParams({ tickets, seed, expirationBlock }: PaymentFields): Uint8Array {
  const out = openMessage();
  out.bytes(1, tickets.recipient);
  out.bytes(2, toMinimalBytes(tickets.faceValueWei));
  out.bytes(3, toMinimalBytes(tickets.winProb));
  out.bytes(4, tickets.recipientRandHash);
  out.bytes(5, toMinimalBytes(seed));
  out.bytes(6, toMinimalBytes(expirationBlock));
  return out.finish();
}

function encodeExpiration({ creationRound, creationBlockHash }: TicketBatch): Uint8Array {
  const out = openMessage();
  out.integer(1, creationRound);
  out.bytes(2, creationBlockHash);
  return out.finish();
}
