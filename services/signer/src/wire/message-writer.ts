import protobuf from 'protobufjs/minimal.js';
import { BYTES, VARINT } from './read-fields.ts';

/** Writes a protobuf message the way Go does: zero values are left out. Fields go in ascending. */
export type MessageWriter = {
  readonly bytes: (field: number, value: Uint8Array) => void;
  readonly text: (field: number, value: string) => void;
  /** Any integer of 64 bits, signed or not. */
  readonly integer: (field: number, value: bigint) => void;
  /** A key or value of a map entry, which is written even when zero. */
  readonly entry: (field: number, value: bigint) => void;
  /** A message field that is written even when empty. */
  readonly message: (field: number, value: Uint8Array) => void;
  /** Fields that are encoded already. */
  readonly raw: (fields: Uint8Array) => void;
  readonly finish: () => Uint8Array;
};

/** Opens an empty message. */
export function openMessage(): MessageWriter {
  const writer = protobuf.Writer.create();
  const message = (field: number, value: Uint8Array): void => {
    writer.uint32((field << 3) | BYTES).bytes(value);
  };
  return {
    message,
    bytes: (field, value) => {
      if (value.length > 0) message(field, value);
    },
    text: (field, value) => {
      if (value.length > 0) message(field, Buffer.from(value, 'utf8'));
    },
    integer: (field, value) => {
      if (value !== 0n) writeInteger(writer.uint32((field << 3) | VARINT), value);
    },
    entry: (field, value) => {
      writeInteger(writer.uint32((field << 3) | VARINT), value);
    },
    raw: (fields) => {
      writer.raw(fields);
    },
    finish: () => writer.finish(),
  };
}

/** A packed list of uint64. */
export function packIntegers(values: readonly bigint[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const value of values) writeInteger(writer, value);
  return writer.finish();
}

function writeInteger(writer: protobuf.Writer, value: bigint): void {
  if (value >= 0n && value <= 0xffff_ffffn) writer.uint32(Number(value));
  else writer.uint64(BigInt.asUintN(64, value).toString());
}
