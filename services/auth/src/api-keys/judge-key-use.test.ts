import { describe, expect, it } from 'vitest';
import type { KeyWithOwner } from './api-key.ts';
import { judgeKeyUse, type KeyUse } from './judge-key-use.ts';

const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const at = (days: number) => new Date(NOW_MS + days * 86_400_000);

const SECRET: KeyWithOwner = {
  id: 'key_1',
  appId: 'app_1',
  userId: null,
  kind: 'secret',
  mode: 'live',
  purpose: 'key',
  name: 'CI',
  displayPrefix: 'lp_sk_live_',
  last4: 'abcd',
  scopes: ['sign:job'],
  resources: [],
  allowedOrigins: [],
  ipAllowlist: [],
  rateLimit: null,
  rateWindowSec: null,
  rotatedFrom: null,
  graceExpiresAt: null,
  rotationDueAt: null,
  rotationDueReason: null,
  createdAt: at(-1),
  expiresAt: at(30),
  revokedAt: null,
  lastUsedAt: null,
  appStatus: 'active',
  userStatus: null,
  userDeleted: false,
  externalUserId: null,
};
const PUBLISHABLE: KeyWithOwner = {
  ...SECRET,
  kind: 'publishable',
  allowedOrigins: ['https://shop.test'],
  resources: ['stream_a'],
};
const IN_PAGE: KeyUse = { origin: 'https://shop.test', resource: 'stream_a' };

function judge(key: KeyWithOwner | undefined, use: KeyUse = {}): string {
  const outcome = judgeKeyUse(key, use, NOW_MS);
  return outcome.ok ? 'ok' : `${outcome.code}: ${outcome.detail}`;
}

describe('a secret key (row 2)', () => {
  it('is good for everything of its app', () => {
    expect(judge(SECRET)).toBe('ok');
    expect(judge(SECRET, { resource: 'stream_b', isWrite: true, ip: '203.0.113.5' })).toBe('ok');
  });

  it.each([
    ['unknown', undefined, 'unknown key'],
    ['revoked', { ...SECRET, revokedAt: at(-1) }, 'revoked'],
    ['expired', { ...SECRET, expiresAt: at(0) }, 'expired'],
    [
      'rotated, overlap over',
      { ...SECRET, graceExpiresAt: at(0) },
      'rotated, and its overlap is over',
    ],
    ['of a deleted user', { ...SECRET, userDeleted: true }, 'user deleted'],
  ])('%s: not valid, and nothing more is said', (_what, key, reason) => {
    expect(judge(key)).toBe(`invalid_token: ${reason}`);
  });

  it('rotated, within the overlap: good', () => {
    expect(judge({ ...SECRET, graceExpiresAt: at(1) })).toBe('ok');
  });

  it('in a browser: refused, it has leaked', () => {
    const refusal = 'browser_key_refused: secret key in browser';
    expect(judge(SECRET, { origin: 'https://shop.test' })).toBe(refusal);
    expect(judge(SECRET, { origin: 'null' })).toBe(refusal);
    expect(judge(SECRET, { fromBrowser: true })).toBe(refusal);
  });

  it('behind another app’s name: not valid', () => {
    expect(judge(SECRET, { appId: 'app_2' })).toBe('invalid_token: key of another app');
  });

  it('with a list of resources: those alone', () => {
    const listed = { ...SECRET, resources: ['stream_a'] };
    expect(judge(listed, { resource: 'stream_a' })).toBe('ok');
    expect(judge(listed, { resource: 'stream_b' })).toMatch(/^insufficient_scope/);
    // A payment is for none of them in particular, so it would be for all.
    expect(judge(listed)).toMatch(/^insufficient_scope: .*none is named/);
  });

  it('with a list of addresses: from those alone, and from nowhere unknown', () => {
    const bound = { ...SECRET, ipAllowlist: ['10.0.0.0/8'] };
    expect(judge(bound, { ip: '10.9.9.9' })).toBe('ok');
    expect(judge(bound, { ip: '11.0.0.1' })).toMatch(/^insufficient_scope/);
    expect(judge(bound)).toMatch(/^insufficient_scope/);
  });

  it('of a suspended app or an inactive user: suspended', () => {
    expect(judge({ ...SECRET, appStatus: 'suspended' })).toBe('suspended: app suspended');
    expect(judge({ ...SECRET, userStatus: 'inactive' })).toBe('suspended: user inactive');
  });
});

describe('a publishable key (K7, row 3, S43)', () => {
  it('from a listed origin, on a listed resource: good', () => {
    expect(judge(PUBLISHABLE, IN_PAGE)).toBe('ok');
  });

  it.each([
    ['without an origin (a server)', { resource: 'stream_a' }, 'publishable key without an origin'],
    ['from another origin', { ...IN_PAGE, origin: 'https://evil.test' }, 'origin not allowed'],
    ['from origin null', { ...IN_PAGE, origin: 'null' }, 'origin not allowed'],
    ['to write', { ...IN_PAGE, isWrite: true }, 'publishable key used to write'],
    ['on no resource', { origin: 'https://shop.test' }, 'publishable key without a resource'],
    ['on another resource', { ...IN_PAGE, resource: 'stream_b' }, 'resource not of this key'],
  ])('%s: refused', (_what, use, reason) => {
    expect(judge(PUBLISHABLE, use)).toBe(`insufficient_scope: ${reason}`);
  });

  it('that names no resource reaches nothing', () => {
    expect(judge({ ...PUBLISHABLE, resources: [] }, IN_PAGE)).toMatch(/resource not of this key/);
  });
});
