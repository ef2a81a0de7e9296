import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPassword, needsRehash, verifyPassword } from './hash-password.ts';
import {
  PASSWORD_CHARS_MAX,
  PASSWORD_CHARS_MIN,
  passwordFault,
  readBreachedPasswords,
} from './password-rules.ts';

describe('NIST SP 800-63B: what may be a password', () => {
  it.each([
    ['twelve letters are enough', 'abcdefghijkl', undefined],
    ['words with spaces', 'four words in a row', undefined],
    ['letters of any script', 'пароль из слов', undefined],
    ['as long as the bound', 'abcde'.repeat(51).slice(0, PASSWORD_CHARS_MAX), undefined],
    ['one too few', 'abcdefghijk', 'too_short'],
    ['one too many', 'abcdef'.repeat(43).slice(0, PASSWORD_CHARS_MAX + 1), 'too_long'],
    ['four different letters', 'abcdabcdabcdabcd', 'too_simple'],
    ['the address of its owner', 'Alice@Example.org', 'too_simple'],
  ])('%s', (_name, password, fault) => {
    expect(passwordFault(password, ['alice@example.org', null])).toBe(fault);
  });

  it('a sign is counted once, however many bytes it has', () => {
    const { length } = [...'😀😁😂🤣😃😄😅😆😉😊😋😎'];
    expect(length).toBe(PASSWORD_CHARS_MIN);
    expect(passwordFault('😀😁😂🤣😃😄😅😆😉😊😋😎', [])).toBeUndefined();
    expect(passwordFault('😀😁😂🤣😃😄😅😆😉😊😋', [])).toBe('too_short');
  });
});

describe('BREACHED_PASSWORDS', () => {
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

  it('takes whole hashes and beginnings, with counts or without, in either case', () => {
    const list = [
      sha1('stolen password 1'),
      `${sha1('stolen password 2').toUpperCase()}:1234`,
      sha1('stolen password 3').slice(0, 10),
      '',
    ].join('\r\n');
    const breached = readBreachedPasswords(list);
    for (const index of [1, 2, 3]) {
      expect(passwordFault(`stolen password ${index}`, [], breached)).toBe('breached');
    }
    expect(passwordFault('stolen password 4', [], breached)).toBeUndefined();
  });

  it.each(['password', 'abc', `${'g'.repeat(40)}`, 'a'.repeat(41)])(
    'refuses the line %s',
    (line) => {
      expect(() => readBreachedPasswords(line)).toThrow('SHA-1');
    },
  );
});

describe('Argon2id', () => {
  it('names its parameters in what is kept, and salts every hash', async () => {
    const [one, two] = await Promise.all([hashPassword('a password'), hashPassword('a password')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(needsRehash(one)).toBe(false);
    expect(needsRehash(one.replace('m=19456', 'm=8192'))).toBe(true);
    expect(await verifyPassword('a password', one)).toBe(true);
    expect(await verifyPassword('another', one)).toBe(false);
  });

  it('the same text from two keyboards is one password (NFKC)', async () => {
    const stored = await hashPassword('caf\u00e9 au lait');
    expect(await verifyPassword('cafe\u0301 au lait', stored)).toBe(true);
  });

  it('nobody’s password is no password, not even the empty one', async () => {
    for (const stored of [null, undefined]) {
      expect(await verifyPassword('', stored)).toBe(false);
      expect(await verifyPassword('nobody has this password', stored)).toBe(false);
    }
  });
});
