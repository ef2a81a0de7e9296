import fc from 'fast-check';

/** Any number of bytes of a text overwritten, removed or doubled. */
export const damage = fc.array(
  fc.record({
    at: fc.nat(4_000),
    kind: fc.constantFrom('set', 'cut', 'double'),
    byte: fc.integer({ min: 0, max: 255 }),
    length: fc.integer({ min: 1, max: 40 }),
  }),
  { minLength: 1, maxLength: 4 },
);
export type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

/** The same bytes with these damages, one after the other. */
export function damaged(bytes: Uint8Array, changes: Damage): Buffer<ArrayBuffer> {
  return changes.reduce<Buffer<ArrayBuffer>>((now, { at, kind, byte, length }) => {
    if (now.length === 0) return now;
    const start = at % now.length;
    if (kind === 'set') {
      const next = Buffer.from(now);
      next[start] = byte;
      return next;
    }
    const part = now.subarray(start, start + length);
    const rest = now.subarray(kind === 'cut' ? start + length : start);
    return Buffer.concat([now.subarray(0, start), ...(kind === 'cut' ? [] : [part]), rest]);
  }, Buffer.from(bytes));
}
