import { describe, expect, it } from 'vitest';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { looksLikeApiKey, parseApiKey } from './parse-api-key.ts';

const imported = `pmth_${'0a'.repeat(32)}`;
const appId = `app_${'0b'.repeat(12)}`;

describe('K1: API keys as they are presented', () => {
  it.each(['lp_sk_live_', 'lp_sk_test_', 'lp_pk_live_', 'lp_pk_test_'] as const)(
    'takes %s with its checksum',
    (prefix) => {
      const key = mintSecret(prefix);
      expect(parseApiKey(key)).toEqual({ sha256: hashSecret(key), appId: undefined });
    },
  );

  it('takes keys of pymthouse, bare and behind an app id', () => {
    expect(parseApiKey(imported)).toEqual({ sha256: hashSecret(imported), appId: undefined });
    expect(parseApiKey(`${appId}_${imported}`)).toEqual({ sha256: hashSecret(imported), appId });
  });

  it('takes our own key behind an app id', () => {
    const key = mintSecret('lp_sk_live_');
    expect(parseApiKey(`${appId}_${key}`)).toEqual({ sha256: hashSecret(key), appId });
  });

  const good = mintSecret('lp_sk_live_');
  it.each([
    ['empty', ''],
    ['white space before', ` ${good}`],
    ['white space after', `${good}\n`],
    ['truncated', good.slice(0, -1)],
    ['wrong case', good.toLowerCase()],
    ['broken checksum', `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}`],
    ['the word Bearer', `Bearer ${good}`],
    ['a client secret', mintSecret('lp_cs_')],
    ['a refresh token', mintSecret('lp_rt_')],
    ['SQL', "lp_sk_live_' or 1=1 --"],
    ['NUL', `${good.slice(0, 20)}\u0000${good.slice(21)}`],
    ['Unicode', `${good.slice(0, 20)}é${good.slice(21)}`],
    ['10 kB', 'lp_sk_live_'.padEnd(10_240, 'a')],
    ['a secret of a pymthouse client', `pmth_cs_${'0a'.repeat(32)}`],
    ['two app ids', `${appId}_${appId}_${good}`],
  ])('refuses %s without I/O', (_name, text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });

  it('tells a JWT from a key', () => {
    expect(looksLikeApiKey('eyJhbGciOiJFUzI1NiJ9.e30.c2ln')).toBe(false);
    expect(looksLikeApiKey(good)).toBe(true);
    expect(looksLikeApiKey('nope')).toBe(true);
  });
});
