import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FieldMismatch, readBytes } from './read-go-field.ts';

const STRICT = /^[A-Za-z0-9+/]*={0,2}$/;

/** The rule as it is written down: standard alphabet, padding needed, line ends ignored. */
function isGood(text: string): boolean {
  const dense = text.replace(/[\r\n]/g, '');
  return dense.length % 4 === 0 && STRICT.test(dense);
}

function read(text: string): Uint8Array | undefined {
  try {
    return readBytes(text);
  } catch (fault) {
    if (fault instanceof FieldMismatch) return undefined;
    throw fault;
  }
}

describe('base64 of Go’s []byte', () => {
  test('any bytes come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(read(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('a text is taken exactly when the rule takes it', () => {
    const unit = fc.constantFrom(...'ABYZabz019+/=-_ \t\r\n.%é\u0000');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 24 }), (text) => {
        expect([text, read(text) !== undefined]).toEqual([text, isGood(text)]);
      }),
      { numRuns: 20_000 },
    );
  });

  test.each(['A===', '====', '=', 'AA=A', 'AAAA=', 'AAA', 'AA-A', 'AA_A', 'AA A', 'AAAAé'])(
    '%s is refused',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  test.each(['', 'AA==', 'AAA=', 'AAAA', 'AA\r\nAA', 'AB=='])('%j is taken', (text) => {
    expect(read(text)).toBeDefined();
  });
});
