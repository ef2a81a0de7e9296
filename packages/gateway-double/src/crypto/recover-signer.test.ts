import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../amounts/big-bytes.ts';
import { recoverSigner } from './recover-signer.ts';

type Vectors = {
  valid: { address: string; message: string; signature: string };
  invalid: { why: string; signature: string }[];
};

const url = new URL('../../../../services/signer/vectors/signature-verify.json', import.meta.url);
const { valid, invalid } = JSON.parse(readFileSync(url, 'utf8')) as Vectors;

describe('signatures of crypto/verify_test.go', () => {
  it('recovers the signer of the valid one', () => {
    const signer = recoverSigner(fromHex(valid.message), fromHex(valid.signature));
    expect(signer).toBe(valid.address.toLowerCase());
  });

  it.each(invalid)('refuses $why', ({ signature }) => {
    expect(recoverSigner(fromHex(valid.message), fromHex(signature))).toBeUndefined();
  });

  it('recovers another signer for another message', () => {
    const other = recoverSigner(Buffer.from('another'), fromHex(valid.signature));
    expect(other).not.toBe(valid.address.toLowerCase());
  });
});
