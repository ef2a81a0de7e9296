import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs/minimal.js';

/** One field of a protobuf message. A varint is in `varint`, bytes are in `bytes`. */
export type WireField = {
  readonly number: number;
  readonly wireType: number;
  /** 64 unsigned bits; 0 unless the wire type is 0. */
  readonly varint: bigint;
  /** Empty unless the wire type is 2. */
  readonly bytes: Uint8Array;
  /** The field with its tag, as it stood in the message. */
  readonly raw: Uint8Array;
};

/** A message that go-livepeer's parser refuses too. */
export class MalformedMessage extends Error {}

/** The wire types that matter here. */
export const VARINT = 0;
export const BYTES = 2;

const NO_BYTES = new Uint8Array(0);
const VARINT_BYTES_MAX = 10;

/**
 * Calls `visit` for each field of a protobuf message, in order. A known field with another
 * wire type than its own is an unknown field, as in Go: the visitor has to look.
 *
 * @throws MalformedMessage when the bytes are no protobuf message.
 */
export function readFields(message: Uint8Array, visit: (field: WireField) => void): void {
  const reader = protobuf.Reader.create(message);
  try {
    while (reader.pos < reader.len) visit(readField(reader));
  } catch (fault) {
    if (fault instanceof MalformedMessage) throw fault;
    throw new MalformedMessage('not a protobuf message', { cause: fault });
  }
}

/** A proto3 string, which must be UTF-8. */
export function readText(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new MalformedMessage('a string is not UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** The lower 32 bits, as Go takes a `uint32`. */
export function toUint32(varint: bigint): number {
  return Number(BigInt.asUintN(32, varint));
}

/** The same 64 bits with a sign. */
export function toInt64(varint: bigint): bigint {
  return BigInt.asIntN(64, varint);
}

function readField(reader: protobuf.Reader): WireField {
  const start = reader.pos;
  const tag = reader.tag();
  const number = tag >>> 3;
  const wireType = tag & 7;
  if (number === 0) throw new MalformedMessage('field number 0');
  let varint = 0n;
  let bytes: Uint8Array = NO_BYTES;
  if (wireType === VARINT) varint = readVarint(reader);
  else if (wireType === BYTES) bytes = reader.bytes();
  else reader.skipType(wireType, 0, number);
  return { number, wireType, varint, bytes, raw: reader.raw(start, reader.pos) };
}

/** A varint of at most 64 bits; anything longer is malformed, as in Go. */
function readVarint(reader: protobuf.Reader): bigint {
  let low = 0;
  let high = 0;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    if (reader.pos >= reader.len) throw new MalformedMessage('varint cut short');
    const byte = reader.buf[reader.pos] ?? 0;
    reader.pos += 1;
    if (index < 7) low += (byte & 0x7f) * 2 ** (7 * index);
    else high += (byte & 0x7f) * 2 ** (7 * (index - 7));
    if (byte < 0x80) {
      if (index === VARINT_BYTES_MAX - 1 && byte > 1) break;
      return high === 0 ? BigInt(low) : (BigInt(high) << 49n) | BigInt(low);
    }
  }
  throw new MalformedMessage('varint too long');
}
