import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeApiKey } from '../testing/make-api-key.ts';
import { checkApiKey } from './check-api-key.ts';

const KEY = makeApiKey('live', 'A'.repeat(43));
const IMPORTED = `pmth_${'0f'.repeat(32)}`;
const APP = 'app_0123456789abcdef01234567';
/** What is known of a key of the right form with the right checksum. */
const check = (text: string) => {
  const { isWhole, ...key } = checkApiKey(text) ?? {};
  return isWhole?.() ? key : undefined;
};
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('API keys, before any I/O', () => {
  test.each([KEY, makeApiKey('test'), IMPORTED])('%s has the form', (key) => {
    expect(check(key)).toEqual({ keySha256: sha256(key), appId: undefined });
  });

  test('the checksum is the CRC32 of all before it, in six letters', () => {
    // Worked out with another CRC32 than the one under test.
    expect(KEY.slice(-6)).toBe('4Ep8Ki');
  });

  test.each([KEY, IMPORTED])('a composite one is hashed without its app: %s', (key) => {
    expect(check(`${APP}_${key}`)).toEqual({ keySha256: sha256(key), appId: APP });
  });

  test.each([
    ['empty', ''],
    ['a changed letter', `${KEY.slice(0, 20)}B${KEY.slice(21)}`],
    ['a changed checksum', `${KEY.slice(0, -1)}${KEY.endsWith('0') ? '1' : '0'}`],
    ['another mode with the same letters', KEY.replace('live', 'test')],
    ['a letter too many', `${KEY}0`],
    ['a letter too few', KEY.slice(0, -1)],
    ['a letter outside the alphabet', `${KEY.slice(0, 20)}-${KEY.slice(21)}`],
    ['a publishable key', makeApiKey('live').replace('lp_sk', 'lp_pk')],
    ['an imported key in upper case', IMPORTED.toUpperCase()],
    ['an imported key too short', IMPORTED.slice(0, -1)],
    ['an app alone', APP],
    ['an app of another form', `app_012_${IMPORTED}`],
    ['two apps', `${APP}_${APP}_${IMPORTED}`],
    ['a line break at the end', `${KEY}\n`],
    ['a very long text', 'lp_sk_live_'.padEnd(100_000, 'A')],
  ])('refused: %s', (_name, text) => {
    expect(check(text)).toBeUndefined();
  });
});
