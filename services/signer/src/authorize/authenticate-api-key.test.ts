import { createHash } from 'node:crypto';
import { type CredentialAnswer, ok, type Principal, refused } from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeApiKey } from '../testing/make-api-key.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { authenticate } from './authenticate.ts';
import { type ApiKeyAuthenticator, createApiKeyAuthenticator } from './authenticate-api-key.ts';

const APP = 'app_0123456789abcdef01234567';
const PRINCIPAL: Principal = { appId: APP, subject: 'app', keyId: 'key_1', attribution: 'gateway' };
const GRANTED: CredentialAnswer = { ok: true, principal: PRINCIPAL };
const INVALID = { ok: false, code: 'invalid_token' };
const KEY = makeApiKey('live');

type Item = { keySha256: string; fromBrowser: boolean };
let clock: ManualClock;
let asked: Item[][];
let answer: (item: Item) => CredentialAnswer;
let isAway: boolean;
let keys: ApiKeyAuthenticator;

beforeEach(() => {
  clock = createManualClock();
  asked = [];
  answer = () => GRANTED;
  isAway = false;
  keys = createApiKeyAuthenticator({
    clock,
    askCredentials: async (body) => {
      const { items } = body as { items: Item[] };
      asked.push(items);
      return isAway ? refused('hold_timeout') : ok({ answers: items.map((item) => answer(item)) });
    },
  });
});

describe('API keys are asked of auth', () => {
  test('by their hash, never themselves', async () => {
    expect(await keys.authenticate(KEY, false)).toEqual({ ok: true, principal: PRINCIPAL });
    const keySha256 = createHash('sha256').update(KEY).digest('hex');
    expect(asked).toEqual([[{ keySha256, fromBrowser: false }]]);
  });

  test('once for all that wait, together with other keys', async () => {
    const other = makeApiKey('test');
    const credentials = [KEY, other, KEY, KEY, other];
    await Promise.all(credentials.map((key) => keys.authenticate(key, false)));
    expect(asked.flat()).toHaveLength(2);
  });

  test('not at all when form or checksum is wrong', async () => {
    const mistyped = `${KEY.slice(0, -1)}${KEY.endsWith('0') ? '1' : '0'}`;
    for (const text of [`${KEY}x`, mistyped, `${APP}_${mistyped}`]) {
      expect(await keys.authenticate(text, false)).toEqual(INVALID);
    }
    expect(asked).toEqual([]);
  });

  test('a browser’s question is another question', async () => {
    answer = ({ fromBrowser }) =>
      fromBrowser ? { ok: false, code: 'browser_key_refused' } : GRANTED;
    expect(await keys.authenticate(KEY, false)).toMatchObject({ ok: true });
    expect(await keys.authenticate(KEY, true)).toEqual({ ok: false, code: 'browser_key_refused' });
    expect(await keys.authenticate(KEY, false)).toMatchObject({ ok: true });
  });

  test.each(['invalid_token', 'suspended', 'insufficient_scope'] as const)('%s', async (code) => {
    answer = () => ({ ok: false, code });
    expect(await keys.authenticate(KEY, false)).toEqual({ ok: false, code });
  });

  test('a composite key is its own app’s only', async () => {
    const other = 'app_ffffffffffffffffffffffff';
    expect(await keys.authenticate(`${APP}_${KEY}`, false)).toMatchObject({ ok: true });
    expect(await keys.authenticate(`${other}_${KEY}`, false)).toEqual(INVALID);
    expect(await keys.authenticate(KEY, false)).toMatchObject({ ok: true });
    expect(asked).toHaveLength(1);
  });
});

describe('the memory of answers', () => {
  test.each([
    ['a grant', GRANTED],
    ['a refusal', { ok: false, code: 'invalid_token' } as CredentialAnswer],
  ])('%s lasts five seconds', async (_name, given) => {
    answer = () => given;
    await keys.authenticate(KEY, false);
    clock.advance(4_999);
    await keys.authenticate(KEY, false);
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await keys.authenticate(KEY, false);
    expect(asked).toHaveLength(2);
  });

  test('an outage is not remembered', async () => {
    isAway = true;
    expect(await keys.authenticate(KEY, false)).toMatchObject({ ok: false, code: 'unavailable' });
    isAway = false;
    expect(await keys.authenticate(KEY, false)).toMatchObject({ ok: true });
  });

  test('another number of answers than questions is an outage', async () => {
    keys = createApiKeyAuthenticator({ clock, askCredentials: async () => ok({ answers: [] }) });
    expect(await keys.authenticate(KEY, false)).toMatchObject({ ok: false, code: 'unavailable' });
  });

  test('a change of identities drops it, and the answer under way', async () => {
    await keys.authenticate(KEY, false);
    clock.advance(5_000);
    const underWay = keys.authenticate(KEY, false);
    keys.forget();
    await underWay;
    answer = () => ({ ok: false, code: 'suspended' });
    expect(await keys.authenticate(KEY, false)).toEqual({ ok: false, code: 'suspended' });
  });

  test('made-up keys do not push out true ones', async () => {
    await keys.authenticate(KEY, false);
    answer = () => ({ ok: false, code: 'invalid_token' });
    const flood = Array.from({ length: 10_050 }, () => makeApiKey('live'));
    await Promise.all(flood.map((key) => keys.authenticate(key, false)));
    expect(await keys.authenticate(KEY, false)).toMatchObject({ ok: true });
  });
});

describe('RFC 6750: the bearer', () => {
  const tokens = { authenticate: () => ({ ok: false, code: 'unavailable' }) as const };
  const ask = async (authorization: string | undefined) =>
    authenticate({ tokens, apiKeys: keys }, { authorization, fromBrowser: false });

  test.each([`Bearer ${KEY}`, `bearer ${KEY}`, `BEARER  ${KEY}`])('%s', async (header) => {
    expect(await ask(header)).toMatchObject({ ok: true });
  });

  test('what has points in it is a token', async () => {
    expect(await ask('Bearer a.b.c')).toEqual({ ok: false, code: 'unavailable' });
  });

  test.each([
    undefined,
    '',
    KEY,
    'Bearer',
    'Bearer ',
    `Basic ${KEY}`,
    `Bearer ${KEY} ${KEY}`,
    `Bearer ${'a'.repeat(9_000)}`,
  ])('refused: %s', async (header) => {
    expect(await ask(header)).toEqual(INVALID);
    expect(asked).toEqual([]);
  });
});
