import { encryptKeystoreJson } from 'ethers';
import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/keystore.json' with { type: 'json' };
import { takeCustody } from './custody.ts';
import { openKeystore } from './json-keystore.ts';

const { generated } = vectors;
const json = JSON.stringify(generated.json);

describe('keystore: V3 files', () => {
  test('the vector opens to its key and account', async () => {
    const opened = await openKeystore(json, generated.password);
    if (!opened.ok) throw new Error(opened.reason);
    expect(`0x${Buffer.from(opened.privateKey).toString('hex')}`).toBe(generated.privateKey);
    expect(takeCustody(opened.privateKey).checksumAddress).toBe(generated.address);
  });

  test('a file as geth writes it: "crypto" in lower case, r = 8', async () => {
    const account = { address: generated.address, privateKey: generated.privateKey };
    const options = { scrypt: { N: 1024, r: 8, p: 1 } };
    const made = JSON.parse(await encryptKeystoreJson(account, 'geheim', options));
    const { Crypto: crypto, ...rest } = made;
    const opened = await openKeystore(JSON.stringify({ ...rest, crypto }), 'geheim');
    expect(opened.ok).toBe(true);
  });

  test('a wrong password', async () => {
    const opened = await openKeystore(json, 'wrong');
    expect(opened).toEqual({ ok: false, reason: 'wrong_password' });
  });

  test.each(['', '{}', '{"version":3}', json.replace('aes-128-ctr', 'rot13')])(
    'no keystore: %#',
    async (text) => {
      const opened = await openKeystore(text, generated.password);
      expect(opened).toEqual({ ok: false, reason: 'not_a_keystore' });
    },
  );
});
