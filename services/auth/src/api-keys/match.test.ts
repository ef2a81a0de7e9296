import { describe, expect, it } from 'vitest';
import { addressPrefix, isAddressPattern, matchesAddress } from './match-address.ts';
import { isOriginPattern, matchesOrigin } from './match-origin.ts';

describe('origins of a publishable key', () => {
  it.each([
    'https://app.example.org',
    'https://*.example.org',
    'https://app.example.org:8443',
    'http://localhost:3000',
    'http://127.0.0.1',
  ])('%s may stand in the list', (text) => {
    expect(isOriginPattern(text)).toBe(true);
  });

  it.each([
    'http://app.example.org',
    'https://*',
    'https://*.org',
    'https://a.*.org',
    'https://*a.example.org',
    'https://app.example.org/',
    'https://app.example.org/path',
    'https://APP.example.org',
    'https://app.example.org:443',
    'https://app.example.org:99999',
    'https://user@app.example.org',
    'null',
    '*',
    '',
  ])('%s may not', (text) => {
    expect(isOriginPattern(text)).toBe(false);
  });

  const list = ['https://app.test', 'https://*.wild.test', 'http://localhost:3000'];
  it.each(['https://app.test', 'https://a.wild.test', 'http://localhost:3000'])(
    '%s is let in',
    (o) => {
      expect(matchesOrigin(list, o)).toBe(true);
    },
  );

  // S26: suffix, case, port, scheme, null, the bare domain behind a star, two labels for one.
  it.each([
    'https://app.test.evil.com',
    'https://evilapp.test',
    'https://APP.test',
    'https://app.test:8443',
    'http://app.test',
    'null',
    '',
    'https://wild.test',
    'https://a.b.wild.test',
    'https://.wild.test',
    'https://evil.com/.wild.test',
    'http://localhost:3001',
  ])('%s is not', (origin) => {
    expect(matchesOrigin(list, origin)).toBe(false);
  });
});

describe('addresses of a key', () => {
  it.each([
    ['10.0.0.1', true],
    ['10.0.0.0/8', true],
    ['2001:db8::/32', true],
    ['::1', true],
    ['10.0.0.0/33', false],
    ['2001:db8::/129', false],
    ['10.0.0', false],
    ['example.org', false],
    ['', false],
  ])('%s may stand in the list: %s', (text, isGood) => {
    expect(isAddressPattern(text)).toBe(isGood);
  });

  const list = ['10.1.0.0/16', '192.0.2.7', '2001:db8:1::/48'];
  it.each([
    ['10.1.255.255', true],
    ['::ffff:10.1.2.3', true],
    ['192.0.2.7', true],
    ['2001:db8:1:2::3', true],
    ['10.2.0.0', false],
    ['192.0.2.8', false],
    ['2001:db8:2::1', false],
    ['not an address', false],
    ['', false],
  ])('%s is let in: %s', (address, isIn) => {
    expect(matchesAddress(list, address)).toBe(isIn);
  });

  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ['::1', '0:0:0::/48'],
    ['nonsense', undefined],
  ])('of %s only %s is kept', (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix);
  });
});
