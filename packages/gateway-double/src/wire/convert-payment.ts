import { fitLeft } from '../amounts/big-bytes.ts';
import { decodePriceInfo, encodePriceInfo } from './convert-orchestrator-info.ts';
import {
  decodeExpirationParams,
  decodeTicketParams,
  encodeExpirationParams,
  encodeTicketParams,
} from './convert-ticket-params.ts';
import {
  bytesField,
  bytesOf,
  int64Of,
  lastOf,
  messageField,
  readFields,
  varintField,
} from './fields.ts';
import type { Payment, SenderParams, TicketParams } from './messages.ts';

/** `net.Payment` to bytes, fields by ascending number as Go writes them. */
export function encodePayment(payment: Payment): Uint8Array {
  return Buffer.concat([
    payment.ticketParams === undefined
      ? new Uint8Array()
      : messageField(1, encodeTicketParams(withoutExpiration(payment.ticketParams))),
    bytesField(2, payment.sender),
    messageField(3, encodeExpirationParams(payment.expirationParams)),
    ...payment.tickets.map((ticket) => messageField(4, encodeSenderParams(ticket))),
    payment.expectedPrice === undefined
      ? new Uint8Array()
      : messageField(5, encodePriceInfo(payment.expectedPrice)),
  ]);
}

/** @throws RangeError when the bytes are not a protobuf message. */
export function decodePayment(bytes: Uint8Array): Payment {
  const fields = readFields(bytes);
  const params = lastOf(fields, 1);
  const price = lastOf(fields, 5);
  return {
    ticketParams: params === undefined ? undefined : decodeTicketParams(params.bytes),
    sender: fitLeft(bytesOf(fields, 2), 20),
    expirationParams: decodeExpirationParams(bytesOf(fields, 3)),
    tickets: fields
      .filter((field) => field.number === 4)
      .map((field) => decodeSenderParams(field.bytes)),
    expectedPrice: price === undefined ? undefined : decodePriceInfo(price.bytes),
  };
}

function withoutExpiration(params: TicketParams): TicketParams {
  const { expirationParams: _, ...rest } = params;
  return rest;
}

function encodeSenderParams(ticket: SenderParams): Uint8Array {
  return Buffer.concat([varintField(1, BigInt(ticket.nonce)), bytesField(2, ticket.sig)]);
}

function decodeSenderParams(bytes: Uint8Array): SenderParams {
  const fields = readFields(bytes);
  return { nonce: Number(BigInt.asUintN(32, int64Of(fields, 1))), sig: bytesOf(fields, 2) };
}
