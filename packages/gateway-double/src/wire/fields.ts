/**
 * The protobuf wire format, by hand: this package is a second opinion on the signer, so it
 * shares no protobuf library with it.
 */

/** One field as it stands on the wire: a varint's value, or the bytes of everything else. */
export type WireField = {
  readonly number: number;
  readonly varint: bigint;
  readonly bytes: Uint8Array;
};

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const VARINT_BYTES_MAX = 10;
const EMPTY = new Uint8Array();

/**
 * Splits a message into its fields, in their order.
 *
 * @throws RangeError when the bytes are not a protobuf message.
 */
export function readFields(message: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    const field = readValue(message, tag.next, tag.value);
    fields.push(field.field);
    at = field.next;
  }
  return fields;
}

/** The last field of a number, as proto3 reads a scalar. */
export function lastOf(fields: readonly WireField[], number: number): WireField | undefined {
  return fields.findLast((field) => field.number === number);
}

/** The bytes of the last field of a number; empty when there is none. */
export function bytesOf(fields: readonly WireField[], number: number): Uint8Array {
  return lastOf(fields, number)?.bytes ?? EMPTY;
}

/** The text of the last field of a number; empty when there is none. */
export function textOf(fields: readonly WireField[], number: number): string {
  return Buffer.from(bytesOf(fields, number)).toString('utf8');
}

/** The last field of a number as a signed 64-bit integer; zero when there is none. */
export function int64Of(fields: readonly WireField[], number: number): bigint {
  return BigInt.asIntN(64, lastOf(fields, number)?.varint ?? 0n);
}

/** A varint field; nothing at all for zero, as proto3 wants. */
export function varintField(number: number, value: bigint): Uint8Array {
  if (value === 0n) return EMPTY;
  return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt.asUintN(64, value))]);
}

/** A bytes or text field; nothing at all when it is empty. */
export function bytesField(number: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return bytes.length === 0 ? EMPTY : messageField(number, bytes);
}

/** A message field: present even when the message is empty. */
export function messageField(number: number, bytes: Uint8Array): Uint8Array {
  const tag = varint(BigInt((number << 3) | DELIMITED));
  return Buffer.concat([tag, varint(BigInt(bytes.length)), bytes]);
}

function readValue(
  message: Uint8Array,
  at: number,
  tag: bigint,
): { field: WireField; next: number } {
  const number = Number(tag >> 3n);
  const kind = Number(tag & 7n);
  if (number === 0) throw new RangeError('a field has the number 0');
  if (kind === VARINT) {
    const { value, next } = readVarint(message, at);
    return { field: { number, varint: value, bytes: EMPTY }, next };
  }
  const { start, length } = readExtent(message, at, kind);
  const next = start + length;
  if (next > message.length) throw new RangeError('a field runs past the end');
  return { field: { number, varint: 0n, bytes: message.slice(start, next) }, next };
}

function readExtent(
  message: Uint8Array,
  at: number,
  kind: number,
): { start: number; length: number } {
  if (kind === FIXED64) return { start: at, length: 8 };
  if (kind === FIXED32) return { start: at, length: 4 };
  if (kind !== DELIMITED) throw new RangeError('a field has an unknown wire type');
  const length = readVarint(message, at);
  return { start: length.next, length: Number(length.value) };
}

function readVarint(message: Uint8Array, at: number): { value: bigint; next: number } {
  let value = 0n;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    const byte = message[at + index];
    if (byte === undefined) throw new RangeError('a number runs past the end');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + index + 1 };
  }
  throw new RangeError('a number has more than ten bytes');
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
