import { describe, expect, test } from 'vitest';
import { CUSTODY, makeState } from '../payments/fixtures/make-request.ts';
import { encodeState } from '../sessions/encode-state.ts';
import { rememberSignatures } from './remember-signatures.ts';

function counting(entriesMax = 10) {
  const counts = { segment: 0, verify: 0 };
  const signer = rememberSignatures(
    {
      ...CUSTODY,
      signSegment: (id) => {
        counts.segment += 1;
        return CUSTODY.signSegment(id);
      },
      verifyState: (bytes, signature) => {
        counts.verify += 1;
        return CUSTODY.verifyState(bytes, signature);
      },
    },
    entriesMax,
  );
  return { signer, counts };
}
const STATE = encodeState(makeState());

describe('states', () => {
  test('signed here are known', async () => {
    const { signer, counts } = counting();
    const signature = await signer.signState(STATE);
    expect(signer.verifyState(STATE, signature)).toBe(true);
    expect(counts.verify).toBe(0);
  });

  test('signed elsewhere with the same key are checked', () => {
    const { signer, counts } = counting();
    expect(signer.verifyState(STATE, CUSTODY.signState(STATE))).toBe(true);
    expect(counts.verify).toBe(1);
  });

  test('with any other byte are checked, and refused', async () => {
    const { signer } = counting();
    const signature = await signer.signState(STATE);
    const other = encodeState(makeState({ balance: '1' }));
    expect(signer.verifyState(other, signature)).toBe(false);
    const marred = Uint8Array.from(signature, (byte, index) => (index === 0 ? byte ^ 1 : byte));
    expect(signer.verifyState(STATE, marred)).toBe(false);
    expect(signer.verifyState(STATE, new Uint8Array(0))).toBe(false);
  });

  test('the border between state and signature cannot be moved', async () => {
    const { signer } = counting();
    const signature = await signer.signState(STATE);
    const longer = Buffer.concat([STATE, signature.subarray(0, 1)]);
    expect(signer.verifyState(longer, signature.subarray(1))).toBe(false);
    expect(signer.verifyState(Buffer.concat([STATE, signature]), new Uint8Array(0))).toBe(false);
  });
});

describe('segment credentials', () => {
  test('are the same, and made once', () => {
    const { signer, counts } = counting();
    expect(signer.signSegment('m1')).toEqual(CUSTODY.signSegment('m1'));
    expect(signer.signSegment('m1')).toEqual(CUSTODY.signSegment('m1'));
    expect(signer.signSegment('m2')).toEqual(CUSTODY.signSegment('m2'));
    expect(counts.segment).toBe(2);
  });

  test('what is used stays, what is not is forgotten', () => {
    const { signer, counts } = counting(4);
    for (let index = 0; index < 40; index += 1) {
      signer.signSegment('used');
      signer.signSegment(`other${index}`);
    }
    expect(counts.segment).toBe(41);
    signer.signSegment('other0');
    expect(counts.segment).toBe(42);
  });

  test('an id that may not be signed is refused each time', () => {
    const { signer } = counting();
    expect(() => signer.signSegment('a b')).toThrow(RangeError);
    expect(() => signer.signSegment('a b')).toThrow(RangeError);
  });
});
