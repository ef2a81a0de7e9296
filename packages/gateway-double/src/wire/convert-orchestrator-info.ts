import { decodeTicketParams, encodeTicketParams } from './convert-ticket-params.ts';
import {
  bytesField,
  bytesOf,
  int64Of,
  messageField,
  readFields,
  textOf,
  varintField,
} from './fields.ts';
import type { AuthToken, OrchestratorInfo, PriceInfo } from './messages.ts';

/** Number of the only field of `net.PaymentResult`. */
const PAYMENT_RESULT_INFO = 16;

/** `net.OrchestratorInfo` to bytes. */
export function encodeOrchestratorInfo(info: OrchestratorInfo): Uint8Array {
  return Buffer.concat([
    bytesField(1, info.transcoder),
    messageField(2, encodeTicketParams(info.ticketParams)),
    messageField(3, encodePriceInfo(info.priceInfo)),
    bytesField(4, info.address),
    messageField(6, encodeAuthToken(info.authToken)),
  ]);
}

/** @throws RangeError when the bytes are not a protobuf message. */
export function decodeOrchestratorInfo(bytes: Uint8Array): OrchestratorInfo {
  const fields = readFields(bytes);
  return {
    transcoder: textOf(fields, 1),
    ticketParams: decodeTicketParams(bytesOf(fields, 2)),
    priceInfo: decodePriceInfo(bytesOf(fields, 3)),
    address: bytesOf(fields, 4),
    authToken: decodeAuthToken(bytesOf(fields, 6)),
  };
}

/** `net.PaymentResult` around an already encoded `net.OrchestratorInfo`. */
export function encodePaymentResult(info: Uint8Array): Uint8Array {
  return messageField(PAYMENT_RESULT_INFO, info);
}

/** The encoded `net.OrchestratorInfo` of a `net.PaymentResult`. */
export function decodePaymentResult(bytes: Uint8Array): Uint8Array {
  return bytesOf(readFields(bytes), PAYMENT_RESULT_INFO);
}

/** `net.PriceInfo` to bytes. */
export function encodePriceInfo(price: PriceInfo): Uint8Array {
  return Buffer.concat([
    varintField(1, price.pricePerUnit),
    varintField(2, price.pixelsPerUnit),
    varintField(3, BigInt(price.capability ?? 0)),
    bytesField(4, price.constraint ?? ''),
  ]);
}

/** @throws RangeError when the bytes are not a protobuf message. */
export function decodePriceInfo(bytes: Uint8Array): PriceInfo {
  const fields = readFields(bytes);
  const capability = Number(int64Of(fields, 3));
  const constraint = textOf(fields, 4);
  return {
    pricePerUnit: int64Of(fields, 1),
    pixelsPerUnit: int64Of(fields, 2),
    ...(capability === 0 ? {} : { capability }),
    ...(constraint === '' ? {} : { constraint }),
  };
}

/** `net.AuthToken` to bytes. */
export function encodeAuthToken(token: AuthToken): Uint8Array {
  return Buffer.concat([
    bytesField(1, token.token),
    bytesField(2, token.sessionId),
    varintField(3, token.expirationSec),
  ]);
}

/** @throws RangeError when the bytes are not a protobuf message. */
export function decodeAuthToken(bytes: Uint8Array): AuthToken {
  const fields = readFields(bytes);
  return {
    token: bytesOf(fields, 1),
    sessionId: textOf(fields, 2),
    expirationSec: int64Of(fields, 3),
  };
}
