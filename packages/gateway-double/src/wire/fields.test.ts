import { describe, expect, it } from 'vitest';
import { bytesField, int64Of, messageField, readFields, textOf, varintField } from './fields.ts';

describe('protobuf wire format', () => {
  it('reads back what it wrote, negative numbers and long ones too', () => {
    const message = Buffer.concat([
      varintField(1, -7n),
      varintField(3, 9_223_372_036_854_775_807n),
      bytesField(40, 'text'),
    ]);
    const fields = readFields(message);
    expect(int64Of(fields, 1)).toBe(-7n);
    expect(int64Of(fields, 3)).toBe(9_223_372_036_854_775_807n);
    expect(textOf(fields, 40)).toBe('text');
  });

  it('leaves out zero and empty scalars, but not empty messages', () => {
    expect(varintField(1, 0n)).toHaveLength(0);
    expect(bytesField(1, '')).toHaveLength(0);
    expect([...messageField(5, new Uint8Array())]).toEqual([0x2a, 0]);
  });

  it('takes the last of repeated scalars', () => {
    const message = Buffer.concat([varintField(1, 1n), varintField(1, 2n)]);
    expect(int64Of(readFields(message), 1)).toBe(2n);
  });

  it.each([
    ['a length past the end', [0x0a, 0x05, 0x00]],
    ['a number that does not end', [0x08, 0xff]],
    ['a number of eleven bytes', [0x08, ...Array(10).fill(0xff), 0x01]],
    ['field number 0', [0x00, 0x01]],
    ['a group', [0x0b]],
  ])('refuses %s', (_name, bytes) => {
    expect(() => readFields(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});
