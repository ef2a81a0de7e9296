import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/signature-verify.json' with { type: 'json' };
import { addressOf, recoverSigner } from './recover-signer.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

/** The valid vector with another s and v. */
function signature(s: bigint, v: number): Buffer {
  const out = bytes(vectors.valid.signature);
  out.write(s.toString(16).padStart(64, '0'), 32, 'hex');
  out[64] = v;
  return out;
}

describe('VerifySig of go-livepeer', () => {
  const message = bytes(vectors.valid.message);

  test('the valid signature names its account', () => {
    const recovered = recoverSigner(message, bytes(vectors.valid.signature));
    if (!recovered.ok) throw new Error(recovered.reason);
    const address = Buffer.from(addressOf(recovered.publicKey)).toString('hex');
    expect(`0x${address}`).toBe(vectors.valid.recovered.toLowerCase());
  });

  test.each(vectors.invalid)('$why', (vector) => {
    const recovered = recoverSigner(message, bytes(vector.signature));
    expect(recovered).toEqual({ ok: false, reason: vector.error });
  });

  test('s up to floor(n / 2), not one more', () => {
    const high = { ok: false, reason: 'signature s value too high' };
    expect(recoverSigner(message, signature(ORDER / 2n + 1n, 27))).toEqual(high);
    expect(recoverSigner(message, signature(ORDER / 2n, 27))).not.toEqual(high);
  });

  test.each([0, 1, 26, 29, 255])('v %i', (v) => {
    expect(recoverSigner(message, signature(1n, v))).toMatchObject({ ok: false });
  });

  test('r and s of zero recover nothing', () => {
    const zero = new Uint8Array(65);
    zero[64] = 27;
    expect(recoverSigner(message, zero)).toMatchObject({ ok: false });
  });
});
