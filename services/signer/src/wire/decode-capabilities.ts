import { SIGNER_LIMITS } from '../limits.ts';
import type { Capabilities, ModelConstraint } from './capabilities.ts';
import {
  BYTES,
  MalformedMessage,
  readFields,
  readText,
  toUint32,
  VARINT,
  type WireField,
} from './read-fields.ts';

type Models = Map<string, ModelConstraint>;

/**
 * Reads `net.Capabilities`. When it names no capacities, each set bit counts 1, as
 * go-livepeer fills them in. Gives `undefined` (answer `invalid_capabilities`) when the bytes
 * are no such message or name more capabilities than `capabilityWordsMax` words hold.
 */
export function decodeCapabilities(message: Uint8Array): Capabilities | undefined {
  if (message.length > SIGNER_LIMITS.capabilitiesBytesMax) return undefined;
  try {
    return readCapabilities(message);
  } catch (fault) {
    if (fault instanceof MalformedMessage) return undefined;
    throw fault;
  }
}

function readCapabilities(message: Uint8Array): Capabilities {
  const bitstring: bigint[] = [];
  const mandatories: bigint[] = [];
  const capacities = new Map<number, number>();
  let version = '';
  let constraints: Uint8Array = new Uint8Array(0);
  readFields(message, (field) => {
    if (field.number === 1) readIntegers(field, bitstring);
    else if (field.number === 2) readIntegers(field, mandatories);
    else if (field.wireType !== BYTES) return;
    else if (field.number === 3) readCapacity(field.bytes, capacities);
    else if (field.number === 4) version = readText(field.bytes);
    else if (field.number === 5) constraints = Buffer.concat([constraints, field.bytes]);
  });
  if (capacities.size === 0) countBits(bitstring, capacities);
  return { bitstring, mandatories, capacities, version, ...readConstraints(constraints) };
}

/** A repeated uint64: packed, or one value a field. */
function readIntegers(field: WireField, into: bigint[]): void {
  if (field.wireType === VARINT) into.push(field.varint);
  if (field.wireType === BYTES) unpack(field.bytes, into);
  if (into.length > SIGNER_LIMITS.capabilityWordsMax) throw new MalformedMessage('too many words');
}

function unpack(bytes: Uint8Array, into: bigint[]): void {
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80 && shift < 70n) continue;
    if (byte >= 0x80 || value >> 64n !== 0n) throw new MalformedMessage('varint too long');
    into.push(value);
    if (into.length > SIGNER_LIMITS.capabilityWordsMax) return;
    value = 0n;
    shift = 0n;
  }
  if (shift !== 0n) throw new MalformedMessage('varint cut short');
}

function readCapacity(entry: Uint8Array, into: Map<number, number>): void {
  let key = 0;
  let value = 0;
  readFields(entry, (field) => {
    if (field.wireType !== VARINT) return;
    if (field.number === 1) key = toUint32(field.varint);
    if (field.number === 2) value = toUint32(field.varint);
  });
  into.set(key, value);
  assertFew(into.size);
}

function countBits(bitstring: readonly bigint[], into: Map<number, number>): void {
  for (const [word, bits] of bitstring.entries()) {
    const digits = bits.toString(2);
    for (let bit = 0; bit < digits.length; bit += 1) {
      if (digits[digits.length - 1 - bit] === '1') into.set(word * 64 + bit, 1);
    }
  }
}

function readConstraints(message: Uint8Array): {
  minVersion: string;
  perCapability: Map<number, Models>;
} {
  let minVersion = '';
  const perCapability = new Map<number, Models>();
  readFields(message, (field) => {
    if (field.wireType !== BYTES) return;
    if (field.number === 1) minVersion = readText(field.bytes);
    if (field.number === 2) readCapabilityEntry(field.bytes, perCapability);
  });
  return { minVersion, perCapability };
}

function readCapabilityEntry(entry: Uint8Array, into: Map<number, Models>): void {
  let key = 0;
  let value: Uint8Array = new Uint8Array(0);
  readFields(entry, (field) => {
    if (field.number === 1 && field.wireType === VARINT) key = toUint32(field.varint);
    if (field.number === 2 && field.wireType === BYTES) {
      value = Buffer.concat([value, field.bytes]);
    }
  });
  const models: Models = new Map();
  readFields(value, (field) => {
    if (field.number === 1 && field.wireType === BYTES) readModelEntry(field.bytes, models);
  });
  into.set(key, models);
  assertFew(into.size);
}

function readModelEntry(entry: Uint8Array, into: Models): void {
  let name = '';
  let value: Uint8Array = new Uint8Array(0);
  readFields(entry, (field) => {
    if (field.wireType !== BYTES) return;
    if (field.number === 1) name = readText(field.bytes);
    if (field.number === 2) value = Buffer.concat([value, field.bytes]);
  });
  into.set(name, readModel(value));
  assertFew(into.size);
}

function readModel(message: Uint8Array): ModelConstraint {
  let warm = false;
  let capacity = 0;
  let runnerVersion = '';
  readFields(message, (field) => {
    if (field.number === 1 && field.wireType === VARINT) warm = field.varint !== 0n;
    if (field.number === 2 && field.wireType === VARINT) capacity = toUint32(field.varint);
    if (field.number === 3 && field.wireType === BYTES) runnerVersion = readText(field.bytes);
  });
  return { warm, capacity, runnerVersion };
}

function assertFew(count: number): void {
  if (count > SIGNER_LIMITS.capabilityEntriesMax) throw new MalformedMessage('too many entries');
}
