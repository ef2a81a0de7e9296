import { fitLeft, fromBigEndian, toMinimalBytes } from '../amounts/big-bytes.ts';
import {
  bytesField,
  bytesOf,
  int64Of,
  lastOf,
  messageField,
  readFields,
  varintField,
} from './fields.ts';
import type { ExpirationParams, TicketParams } from './messages.ts';

const ADDRESS_BYTES = 20;
const HASH_BYTES = 32;

/** `net.TicketParams` to bytes; field 7 is left out when there are no expiration params. */
export function encodeTicketParams(params: TicketParams): Uint8Array {
  return Buffer.concat([
    bytesField(1, params.recipient),
    bytesField(2, toMinimalBytes(params.faceValue)),
    bytesField(3, toMinimalBytes(params.winProb)),
    bytesField(4, params.recipientRandHash),
    bytesField(5, toMinimalBytes(params.seed)),
    bytesField(6, toMinimalBytes(params.expirationBlock)),
    params.expirationParams === undefined
      ? new Uint8Array()
      : messageField(7, encodeExpirationParams(params.expirationParams)),
  ]);
}

/** @throws RangeError when the bytes are not a protobuf message. */
export function decodeTicketParams(bytes: Uint8Array): TicketParams {
  const fields = readFields(bytes);
  const expiration = lastOf(fields, 7);
  return {
    recipient: fitLeft(bytesOf(fields, 1), ADDRESS_BYTES),
    faceValue: fromBigEndian(bytesOf(fields, 2)),
    winProb: fromBigEndian(bytesOf(fields, 3)),
    recipientRandHash: fitLeft(bytesOf(fields, 4), HASH_BYTES),
    seed: fromBigEndian(bytesOf(fields, 5)),
    expirationBlock: fromBigEndian(bytesOf(fields, 6)),
    ...(expiration === undefined
      ? {}
      : { expirationParams: decodeExpirationParams(expiration.bytes) }),
  };
}

/** `net.TicketExpirationParams` to bytes. */
export function encodeExpirationParams(params: ExpirationParams): Uint8Array {
  return Buffer.concat([
    varintField(1, params.creationRound),
    bytesField(2, params.creationRoundBlockHash),
  ]);
}

/** @throws RangeError when the bytes are not a protobuf message. */
export function decodeExpirationParams(bytes: Uint8Array): ExpirationParams {
  const fields = readFields(bytes);
  return {
    creationRound: int64Of(fields, 1),
    creationRoundBlockHash: fitLeft(bytesOf(fields, 2), HASH_BYTES),
  };
}
