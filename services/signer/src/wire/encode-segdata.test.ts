import { describe, expect, test } from 'vitest';
import goVectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import vectors from '../../vectors/segdata.json' with { type: 'json' };
import { SIGNER_LIMITS } from '../limits.ts';
import { decodeCapabilities } from './decode-capabilities.ts';
import { encodeCapabilities } from './encode-capabilities.ts';
import { EMPTY_SEGMENT_HASH, encodeSegdata } from './encode-segdata.ts';
import { openMessage, packIntegers } from './message-writer.ts';

type Vector = (typeof vectors.cases)[number];

function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

function tokenOf({ authToken }: Vector): Uint8Array {
  const token = openMessage();
  token.bytes(1, bytes(authToken.token));
  token.text(2, authToken.sessionId);
  token.integer(3, BigInt(authToken.expiration));
  return token.finish();
}

function capabilitiesOf(vector: Vector): Uint8Array | undefined {
  if (!('capabilitiesRequest' in vector) || !vector.capabilitiesRequest) return undefined;
  const capabilities = decodeCapabilities(Buffer.from(vector.capabilitiesRequest.base64, 'base64'));
  return capabilities && encodeCapabilities(capabilities);
}

/** Capabilities of one field, read and written again, as hex. */
function reencode(field: number, value: Uint8Array): string | undefined {
  const message = openMessage();
  message.message(field, value);
  const capabilities = decodeCapabilities(message.finish());
  return capabilities && Buffer.from(encodeCapabilities(capabilities)).toString('hex');
}

describe('net.SegData: the bytes of go-livepeer', () => {
  test.each(vectors.cases)('manifest $manifestId, key $privateKey', (vector) => {
    const segdata = encodeSegdata({
      manifestId: vector.manifestId,
      signature: bytes(vector.signature),
      capabilities: capabilitiesOf(vector),
      authToken: tokenOf(vector),
    });
    expect(Buffer.from(segdata).toString('hex')).toBe(vector.segDataHex.slice(2));
    expect(Buffer.from(segdata).toString('base64')).toBe(vector.segCredsHeader);
  });

  test('the hash of nothing', () => {
    expect(EMPTY_SEGMENT_HASH).toEqual(bytes(vectors.keccakOfEmpty));
  });
});

describe('net.Capabilities: encoded again as go-livepeer does', () => {
  test('constraints are written even when empty', () => {
    const empty = decodeCapabilities(Buffer.alloc(0));
    expect(empty && Buffer.from(encodeCapabilities(empty)).toString('hex')).toBe(
      goVectors.emptyCapsBytes,
    );
  });

  test('the vector: capacities filled in, capacityInUse gone', () => {
    const vector = vectors.cases.find((one) => 'capabilitiesEmitted' in one);
    const emitted = vector && capabilitiesOf(vector);
    expect(emitted && Buffer.from(emitted).toString('base64')).toBe(
      vector?.capabilitiesEmitted?.base64,
    );
  });

  test('maps come sorted, whatever their order was', () => {
    const entry = (key: number, value: number) => Buffer.from([0x1a, 4, 8, key, 16, value]);
    const forth = Buffer.concat([entry(3, 1), entry(1, 2), entry(2, 0)]);
    const back = Buffer.concat([entry(2, 0), entry(1, 2), entry(3, 1)]);
    const encode = (message: Buffer) => {
      const capabilities = decodeCapabilities(message);
      return capabilities && Buffer.from(encodeCapabilities(capabilities)).toString('hex');
    };
    expect(encode(forth)).toBe(encode(back));
    expect(encode(forth)).toBe('1a04080110021a04080210001a04080310012a00');
  });

  test('given capacities are not filled up from the bits', () => {
    const message = Buffer.from('0a0107' + '1a0408011005', 'hex');
    const capabilities = decodeCapabilities(message);
    expect([...(capabilities?.capacities ?? [])]).toEqual([[1, 5]]);
  });

  test('packed and single integers are the same, 64 bits whole', () => {
    const all = (1n << 64n) - 1n;
    const packed = decodeCapabilities(
      Buffer.concat([Buffer.from('0a0a', 'hex'), packIntegers([all])]),
    );
    const single = decodeCapabilities(Buffer.concat([Buffer.from([8]), packIntegers([all])]));
    expect(packed?.bitstring).toEqual([all]);
    expect(single?.bitstring).toEqual([all]);
    expect(packed?.capacities.size).toBe(64);
  });

  test.each([
    ['more words than allowed', 1, new Uint8Array(SIGNER_LIMITS.capabilityWordsMax + 1)],
    ['a packed varint cut short', 1, Buffer.from([0x80])],
    ['a packed varint above 64 bits', 1, Buffer.from(`${'ff'.repeat(9)}02`, 'hex')],
    ['a packed varint without end', 1, Buffer.from('ff'.repeat(12), 'hex')],
    ['a version that is not UTF-8', 4, Buffer.from([0xff])],
    ['broken constraints', 5, Buffer.from([0x12, 5, 1])],
  ])('%s is refused', (_, field, value) => {
    expect(reencode(field, value)).toBeUndefined();
  });

  test('more entries than allowed are refused', () => {
    const entries: Uint8Array[] = [];
    for (let key = 0; key <= SIGNER_LIMITS.capabilityEntriesMax; key += 1) {
      const entry = openMessage();
      entry.entry(1, BigInt(key));
      const field = openMessage();
      field.message(3, entry.finish());
      entries.push(field.finish());
    }
    expect(decodeCapabilities(Buffer.concat(entries))).toBeUndefined();
    expect(decodeCapabilities(Buffer.concat(entries.slice(1)))).toBeDefined();
  });
});
