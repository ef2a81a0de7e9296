import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseHolds } from '../holds/release-holds.ts';
import { settleHolds } from '../holds/settle-holds.ts';
import { type HoldItemShape, makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  codeOf,
  granted,
  openBooks,
  settlementOf,
  TEST_POLICY,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { type CapSetting, putCaps } from './put-caps.ts';
import { readCaps } from './read-caps.ts';

describe('caps', () => {
  let books: Books;
  let appId: string;
  const userId = `usr_${randomHex(12)}`;
  const keyId = `key_${randomHex(12)}`;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    expect(await books.reconcile()).toEqual([]);
    await books.close();
  });

  const setUp = async () => {
    appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 1_000_000n);
  };
  const cap = (setting: Partial<CapSetting>): CapSetting => ({
    scope: 'app',
    scopeId: appId,
    metric: 'charge_micros',
    period: 'day',
    limit: 100n,
    ...setting,
  });
  const put = (...settings: Partial<CapSetting>[]) =>
    putCaps(books, { appId, caps: settings.map(cap) });
  const item = (micros: bigint, more: HoldItemShape = {}) =>
    makeHoldItem({ appId, feeWei: micros * WEI_PER_MICRO, ...more });
  const ask = async (micros: bigint, more: HoldItemShape = {}) =>
    (await books.hold([item(micros, more)]))[0];
  const chargeCaps = async () =>
    (await readCaps({ sql: books.sql }, { appId, itemsMax: 100 })).filter(
      ({ metric }) => metric === 'charge_micros',
    );

  describe.each([
    ['app', 'app_cap'],
    ['user', 'user_cap'],
    ['key', 'key_cap'],
  ] as const)('of a %s', (scope, code) => {
    let shape: HoldItemShape;
    let scopeId: string;
    beforeAll(async () => {
      await setUp();
      const user = `usr_${randomHex(12)}`;
      const key = `key_${randomHex(12)}`;
      await books.setPrincipal('user', user, appId);
      await books.setPrincipal('key', key, appId);
      shape = scope === 'user' ? { subject: user } : scope === 'key' ? { keyId: key } : {};
      scopeId = { app: appId, user, key }[scope];
      await put({ scope, scopeId });
    });

    it('counts what is held and what is used, and gives back what is released', async () => {
      const first = granted(await ask(60n, shape));
      expect(codeOf(await ask(41n, shape))).toBe(code);
      const second = granted(await ask(40n, shape));
      expect(codeOf(await ask(1n, shape))).toBe(code);
      await settleHolds(books, [settlementOf(first)]);
      expect(codeOf(await ask(1n, shape))).toBe(code);
      await releaseHolds(books, [second.holdId]);
      const third = granted(await ask(40n, shape));
      await settleHolds(books, [settlementOf(third)]);
      expect(await chargeCaps()).toMatchObject([{ used: 100n, held: 0n, limit: 100n }]);
    });

    it('starts again in the next window', async () => {
      await books.sql`
        update billing.caps set window_start = window_start - 1 where app_id = ${appId}`;
      expect((await chargeCaps())[0]).toMatchObject({ used: 0n });
      expect(codeOf(await ask(101n, shape))).toBe(code);
      expect(codeOf(await ask(100n, shape))).toBe('granted');
      expect((await chargeCaps())[0]).toMatchObject({ used: 0n, held: 100n });
    });
  });

  it('binds no other user of the app', async () => {
    await setUp();
    await books.setPrincipal('user', userId, appId);
    const other = `usr_${randomHex(12)}`;
    await books.setPrincipal('user', other, appId);
    await put({ scope: 'user', scopeId: userId, limit: 0n });
    expect(codeOf(await ask(1n, { subject: userId }))).toBe('user_cap');
    expect(codeOf(await ask(1n, { subject: other }))).toBe('granted');
    expect(codeOf(await ask(1n))).toBe('granted');
  });

  it('keeps an early refusal from taking what a later item may have', async () => {
    await setUp();
    await put({ limit: 100n });
    const answers = await books.hold([item(90n), item(20n), item(10n)]);
    expect(answers.map(codeOf)).toEqual(['granted', 'app_cap', 'granted']);
  });

  it('counts from the start of its window when it is set late', async () => {
    await setUp();
    await books.setPrincipal('key', keyId, appId);
    const used = granted(await ask(30n, { keyId }));
    await settleHolds(books, [settlementOf(used)]);
    granted(await ask(20n, { keyId }));
    await put(
      { scope: 'key', scopeId: keyId, period: 'month' },
      { scope: 'key', scopeId: keyId, period: 'total' },
      { scope: 'app', period: 'day' },
    );
    for (const line of await chargeCaps()) expect(line).toMatchObject({ used: 30n, held: 20n });
    expect(codeOf(await ask(51n, { keyId }))).toBe('app_cap');
    expect(codeOf(await ask(50n, { keyId }))).toBe('granted');
  });

  it('is changed and removed', async () => {
    await setUp();
    await put({ limit: 10n });
    expect(codeOf(await ask(11n))).toBe('app_cap');
    await put({ limit: 20n });
    expect(codeOf(await ask(11n))).toBe('granted');
    await put({ limit: undefined });
    expect(await chargeCaps()).toEqual([]);
    expect(codeOf(await ask(500n))).toBe('granted');
  });

  describe('session credit: tickets are bought whole, fees may be 1 wei', () => {
    const ticketEvWei = 1_000_000n;
    const limits = {
      sessionCreditLimits: { ...TEST_POLICY.sessionCreditLimits, app: 10_000_000n },
    };
    const drain = (count: number) =>
      books.hold(
        Array.from({ length: count }, () => makeHoldItem({ appId, feeWei: 1n, ticketEvWei })),
        { policy: limits },
      );

    it('stops a drain with fees of 1 wei at the cap, however it is batched', async () => {
      await setUp();
      const batch = (await drain(50)).map(codeOf);
      expect(batch.filter((code) => code === 'granted')).toHaveLength(10);
      expect(batch.slice(10).every((code) => code === 'session_credit_limit')).toBe(true);
      expect((await drain(1)).map(codeOf)).toEqual(['session_credit_limit']);
    });

    it('counts sessions that are settled and abandoned', async () => {
      await setUp();
      const grants = (await drain(10)).map(granted);
      await settleHolds(books, grants.map(settlementOf));
      expect((await drain(1)).map(codeOf)).toEqual(['session_credit_limit']);
    });

    it('lets usage earn back what was bought', async () => {
      await setUp();
      const grants = (await drain(10)).map(granted);
      await settleHolds(books, grants.map(settlementOf));
      const usage = makeHoldItem({ appId, feeWei: ticketEvWei, ticketEvWei: 0n });
      const [answer] = await books.hold([usage], { policy: limits });
      await settleHolds(books, [settlementOf(granted(answer))]);
      expect((await drain(2)).map(codeOf)).toEqual(['granted', 'session_credit_limit']);
    });

    it('never refuses a payment that buys nothing beyond its fee', async () => {
      await setUp();
      await drain(10);
      const usage = makeHoldItem({ appId, feeWei: 5n, ticketEvWei: 5n });
      expect(codeOf((await books.hold([usage], { policy: limits }))[0])).toBe('granted');
    });

    it('takes the limit that an operator set for one user', async () => {
      await setUp();
      await books.setPrincipal('user', `${userId}x`, appId);
      const metric = 'session_credit_wei' as const;
      await put({ scope: 'user', scopeId: `${userId}x`, metric, limit: 2n * ticketEvWei });
      const items = Array.from({ length: 4 }, () =>
        makeHoldItem({ appId, subject: `${userId}x`, feeWei: 1n, ticketEvWei }),
      );
      expect((await books.hold(items)).map(codeOf)).toEqual([
        'granted',
        'granted',
        'session_credit_limit',
        'session_credit_limit',
      ]);
    });
  });
});
