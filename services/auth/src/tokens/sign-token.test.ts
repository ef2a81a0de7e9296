import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { KeyRing, SigningKey } from './key-ring.ts';
import { signToken, toRawSignature } from './sign-token.ts';

function makeKeys(): KeyRing {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const es256: SigningKey = {
    kid: 'k1',
    alg: 'ES256',
    status: 'active',
    privateKey,
    publicKey,
    privateJwk: privateKey.export({ format: 'jwk' }) as SigningKey['privateJwk'],
    publicJwk: publicKey.export({ format: 'jwk' }) as SigningKey['publicJwk'],
  };
  return { es256, rs256: es256, all: [es256] };
}

const nowSec = () => Math.floor(Date.now() / 1000);

describe('RFC 7515: the compact JWS of an access token', () => {
  it('is accepted by a verifier that we did not write, with its header', async () => {
    const keys = makeKeys();
    const claims = { iss: 'https://a.test', sub: 'usr_é', exp: nowSec() + 60 };
    const token = await signToken(keys, claims, 'at+jwt');
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' });
    const { payload } = await jwtVerify(token, keys.es256.publicKey, { typ: 'at+jwt' });
    expect(payload).toEqual(claims);
  });

  it('is refused with one character of its claims or its signature changed', async () => {
    const keys = makeKeys();
    const token = await signToken(keys, { sub: 'a', exp: nowSec() + 60 }, 'JWT');
    const [header, claims = '', signature = ''] = token.split('.');
    const flip = (text: string) => `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`;
    for (const forged of [
      [header, flip(claims), signature],
      [header, claims, flip(signature)],
    ]) {
      await expect(jwtVerify(forged.join('.'), keys.es256.publicKey)).rejects.toThrow();
    }
  });

  it('is refused under another key', async () => {
    const token = await signToken(makeKeys(), { sub: 'a', exp: nowSec() + 60 }, 'JWT');
    await expect(jwtVerify(token, makeKeys().es256.publicKey)).rejects.toThrow();
  });
});

describe('RFC 7518, 3.4: the two halves of a signature', () => {
  it('verify as they are, however short or long each integer is', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const lengths = new Set<number>();
    for (let index = 0; index < 2_000; index += 1) {
      const data = Buffer.from(String(index));
      const der = sign('sha256', data, privateKey);
      lengths.add(der.length);
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
      expect(verify('sha256', data, key, toRawSignature(der))).toBe(true);
    }
    // Short integers, and those with a zero in front, were among them.
    expect(lengths.size).toBeGreaterThan(2);
  });
});
