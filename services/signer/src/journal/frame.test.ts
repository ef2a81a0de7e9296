import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameRecord, readFrames } from './frame.ts';

const record = (text: string) => Buffer.from(text);
const texts = (bytes: Buffer) => readFrames(bytes).records.map(({ payload }) => String(payload));
const THREE = Buffer.concat(['one', 'two', 'three'].map((text) => frameRecord(record(text))));
/** Where the second record's frame begins, and where its payload does. */
const SECOND = 8 + 3;

describe('frames', () => {
  test('are read as they were written, with their places', () => {
    const { records, damaged, isTorn } = readFrames(THREE);
    expect(records.map(({ payload, offset }) => [String(payload), offset])).toEqual([
      ['one', 0],
      ['two', 11],
      ['three', 22],
    ]);
    expect({ damaged, isTorn }).toEqual({ damaged: 0, isTorn: false });
  });

  test('of nothing', () => {
    expect(readFrames(Buffer.alloc(0))).toEqual({ records: [], damaged: 0, isTorn: false });
  });

  test('of an empty or too long record are refused', () => {
    expect(() => frameRecord(Buffer.alloc(0))).toThrow(RangeError);
    expect(() => frameRecord(Buffer.alloc(64 * 1024 + 1))).toThrow(RangeError);
    expect(frameRecord(Buffer.alloc(64 * 1024))).toHaveLength(64 * 1024 + 8);
  });
});

describe('a torn end', () => {
  test('at every byte: whole records before it are read, the rest is not', () => {
    for (let length = 0; length < THREE.length; length += 1) {
      const whole = [11, 22, 35].filter((end) => end <= length).length;
      const content = readFrames(THREE.subarray(0, length));
      expect(content.records).toHaveLength(whole);
      expect(content.damaged).toBe(0);
      expect(content.isTorn).toBe(![0, 11, 22].includes(length));
    }
  });

  test('of zeros, as a disk leaves it after a power cut', () => {
    const content = readFrames(Buffer.concat([THREE, Buffer.alloc(500)]));
    expect(content.records).toHaveLength(3);
    expect(content).toMatchObject({ damaged: 0, isTorn: true });
  });

  test('a last record that fails its checksum was never given out', () => {
    const marred = Buffer.from(THREE);
    marred[THREE.length - 1] = 0;
    expect(readFrames(marred)).toMatchObject({ damaged: 0, isTorn: true });
    expect(texts(marred)).toEqual(['one', 'two']);
  });
});

describe('damage in the middle', () => {
  test('of a record: it is counted, and the others are read', () => {
    const marred = Buffer.from(THREE);
    marred[SECOND + 8] = 0;
    expect(readFrames(marred)).toMatchObject({ damaged: 1, isTorn: false });
    expect(texts(marred)).toEqual(['one', 'three']);
  });

  test('of a checksum: the same', () => {
    const marred = Buffer.from(THREE);
    marred[SECOND + 5] = (marred[SECOND + 5] ?? 0) ^ 1;
    expect(readFrames(marred)).toMatchObject({ damaged: 1 });
    expect(texts(marred)).toEqual(['one', 'three']);
  });

  test('of a length: nothing behind it can be read', () => {
    const marred = Buffer.from(THREE);
    marred[SECOND] = 0xff;
    expect(readFrames(marred)).toMatchObject({ isTorn: true });
    expect(texts(marred)).toEqual(['one']);
  });
});

test('whatever stands in a file, what is read was written', () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
  const noise = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(payloads, noise, fc.nat(), (written, changes, cut) => {
      const bytes = Buffer.concat(written.map(frameRecord));
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      const part = bytes.subarray(0, bytes.length - (cut % (bytes.length + 1)));
      const known = new Set(written.map((payload) => Buffer.from(payload).toString('hex')));
      for (const { payload } of readFrames(part).records) {
        expect(known).toContain(payload.toString('hex'));
      }
    }),
  );
});
