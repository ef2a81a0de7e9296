import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/payment-protobuf.json' with { type: 'json' };
import { takeCustody } from '../keystore/custody.ts';
import type { TicketBatch } from '../tickets/ticket.ts';
import { decodePriceInfo } from './decode-price-info.ts';
import { encodePayment } from './encode-payment.ts';
import { openMessage } from './message-writer.ts';

type Vector = (typeof vectors.payments)[number];

function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

function batchOf({ ticketParams: params, nonces, numTickets }: Vector): TicketBatch {
  return {
    recipient: bytes(params.recipient),
    faceValueWei: BigInt(params.faceValue),
    winProb: BigInt(params.winProb),
    recipientRandHash: bytes(params.recipientRandHash),
    creationRound: BigInt(params.creationRound),
    creationBlockHash: bytes(params.creationRoundBlockHash),
    nonceFrom: nonces[0] ?? 0,
    count: numTickets,
  };
}

function priceOf({ priceInfo }: Vector): Uint8Array {
  const price = openMessage();
  price.integer(1, BigInt(priceInfo.pricePerUnit));
  price.integer(2, BigInt(priceInfo.pixelsPerUnit));
  if (priceInfo.capability) price.integer(3, BigInt(priceInfo.capability));
  if (priceInfo.constraint) price.text(4, priceInfo.constraint);
  return decodePriceInfo(price.finish()).bytes;
}

describe('net.Payment: the bytes of go-livepeer', () => {
  test.each(vectors.payments)('$numTickets tickets from nonce $nonces.0', (vector) => {
    const custody = takeCustody(bytes(vector.privateKey));
    const tickets = batchOf(vector);
    const { signatures } = custody.signTickets(tickets);
    expect(Buffer.from(signatures)).toEqual(Buffer.concat(vector.signatures.map(bytes)));
    const fields = {
      sender: bytes(custody.address),
      tickets,
      seed: BigInt(vector.ticketParams.seed),
      expirationBlock: BigInt(vector.ticketParams.expirationBlock),
      expectedPrice: priceOf(vector),
    };
    const payment = Buffer.from(encodePayment({ ...fields, signatures }));
    expect(payment.toString('hex')).toBe(vector.paymentHex.slice(2));
    expect(payment.toString('base64')).toBe(vector.paymentHeader);
    const unsigned = encodePayment(fields);
    expect(payment.length - unsigned.length).toBe(67 * vector.numTickets);
  });
});
