import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checksumBase62, randomBase62 } from './base62.ts';
import { isMintedSecret, mintSecret } from './generated-secret.ts';
import { parsePeppers, pepperHash } from './pepper.ts';
import { createSealer } from './sealer.ts';

const hex = (letter: string) => letter.repeat(64);

describe('K1, row 8: minted secrets', () => {
  it('has prefix, 43 random letters and a checksum of six', () => {
    const secret = mintSecret('lp_sk_live_');
    expect(secret).toMatch(/^lp_sk_live_[0-9A-Za-z]{49}$/);
    expect(isMintedSecret('lp_sk_live_', secret)).toBe(true);
  });

  it('tells every single changed letter by the checksum', () => {
    const secret = mintSecret('lp_sk_test_');
    for (let index = 'lp_sk_test_'.length; index < secret.length; index += 1) {
      const other = secret[index] === 'A' ? 'B' : 'A';
      const changed = `${secret.slice(0, index)}${other}${secret.slice(index + 1)}`;
      expect(isMintedSecret('lp_sk_test_', changed)).toBe(false);
    }
  });

  it.each([
    ['another prefix', (secret: string) => secret.replace('_sk_', '_pk_')],
    ['another mode', (secret: string) => secret.replace('_live_', '_test_')],
    ['truncated', (secret: string) => secret.slice(0, -1)],
    ['longer', (secret: string) => `${secret}0`],
    ['upper case', (secret: string) => secret.toUpperCase()],
    ['white space', (secret: string) => ` ${secret}`],
  ])('refuses %s', (_name, change) => {
    const changed = change(mintSecret('lp_sk_live_'));
    expect(isMintedSecret('lp_sk_live_', changed)).toBe(false);
    expect(isMintedSecret('lp_pk_live_', changed)).toBe(false);
  });

  it('draws every letter', () => {
    expect(new Set(randomBase62(20_000)).size).toBe(62);
  });

  it('pads the checksum: CRC32 of "" is 0', () => {
    expect(checksumBase62('')).toBe('000000');
    // CRC-32/ISO-HDLC check value 0xCBF43926 = 3421780262.
    expect(checksumBase62('123456789')).toBe('3jZRME');
  });
});

describe('sealing at rest', () => {
  const sealer = createSealer(Buffer.from(hex('1'), 'hex'));

  it('opens what it sealed, and never seals the same way twice', () => {
    const one = sealer.seal('private', 'row 1');
    expect(sealer.open(one, 'row 1')).toBe('private');
    expect(sealer.seal('private', 'row 1').equals(one)).toBe(false);
    expect(one.includes('private')).toBe(false);
  });

  it('refuses another row, another key, a changed byte', () => {
    const sealed = sealer.seal('private', 'row 1');
    expect(() => sealer.open(sealed, 'row 2')).toThrow();
    expect(() => createSealer(Buffer.from(hex('2'), 'hex')).open(sealed, 'row 1')).toThrow();
    for (const index of [0, 12, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => sealer.open(changed, 'row 1')).toThrow();
    }
  });

  it('refuses a key of another length', () => {
    expect(() => createSealer(Buffer.alloc(16))).toThrow();
  });
});

describe('peppers', () => {
  it('takes versions, newest first', () => {
    const peppers = parsePeppers(`2:${hex('b')},1:${hex('a')}`);
    expect(peppers.map((pepper) => pepper.version)).toEqual([2, 1]);
  });

  it.each(['', hex('a'), `0:${hex('a')}`, `1:${hex('A')}`, `1:${hex('a')},1:${hex('b')}`, '1:ab'])(
    'refuses %s',
    (text) => {
      expect(() => parsePeppers(text)).toThrow();
    },
  );

  it('gives another hash for another version', () => {
    const [first, second] = parsePeppers(`2:${hex('b')},1:${hex('a')}`);
    const key = createHash('sha256').update('key').digest();
    expect(pepperHash(first, key).equals(pepperHash(second ?? first, key))).toBe(false);
  });
});
