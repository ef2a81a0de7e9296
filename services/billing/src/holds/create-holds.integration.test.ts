import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  codeOf,
  granted,
  openBooks,
  settlementOf,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { releaseHolds } from './release-holds.ts';
import { settleHolds } from './settle-holds.ts';

describe('holds', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    expect(await books.reconcile()).toEqual([]);
    await books.close();
  });

  const openApp = async (creditMicros = 1_000_000n) => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, creditMicros);
    return appId;
  };
  const fee = (micros: bigint) => micros * WEI_PER_MICRO;

  it('grants what the balance covers, reserves it, and answers what was asked', async () => {
    const appId = await openApp(10n);
    const item = makeHoldItem({ appId, feeWei: fee(4n) });
    const grant = granted((await books.hold([item]))[0]);
    expect(grant).toMatchObject({ forkNo: 0, replayed: false, requestHash: item.requestHash });
    expect(grant.rebuild).toEqual(item.rebuild);
    expect(grant.holdId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await books.balance(appId)).toEqual({ posted: 10n, held: 4n });
  });

  it('reserves the charge rounded up', async () => {
    const appId = await openApp(10n);
    await books.hold([makeHoldItem({ appId, feeWei: 1n })]);
    expect(await books.balance(appId)).toEqual({ posted: 10n, held: 1n });
  });

  it('accepts a fee of zero without reserving anything', async () => {
    const appId = await openApp(10n);
    expect(codeOf((await books.hold([makeHoldItem({ appId, feeWei: 0n })]))[0])).toBe('granted');
    expect(await books.balance(appId)).toEqual({ posted: 10n, held: 0n });
  });

  it('refuses what the balance does not cover, and writes nothing', async () => {
    const appId = await openApp(10n);
    const answers = await books.hold([makeHoldItem({ appId, feeWei: fee(10n) + 1n })]);
    expect(codeOf(answers[0])).toBe('insufficient_balance');
    expect(await books.balance(appId)).toEqual({ posted: 10n, held: 0n });
    const rows = await books.sql`select from billing.holds where app_id = ${appId}`;
    expect(rows).toHaveLength(0);
  });

  it('lets one absurd request spoil no other of its batch', async () => {
    const appId = await openApp(10n);
    const fees = [fee(3n), 10n ** 30n, fee(3n), fee(5n), fee(4n)];
    const answers = await books.hold(fees.map((feeWei) => makeHoldItem({ appId, feeWei })));
    expect(answers.map(codeOf)).toEqual([
      'granted',
      'insufficient_balance',
      'granted',
      'insufficient_balance',
      'granted',
    ]);
    expect(await books.balance(appId)).toEqual({ posted: 10n, held: 10n });
  });

  it('refuses 2^256 - 1 wei as out of range, exactly', async () => {
    const appId = await openApp();
    const feeWei = 2n ** 256n - 1n;
    const answers = await books.hold([makeHoldItem({ appId, feeWei, ticketEvWei: 0n })]);
    expect(codeOf(answers[0])).toBe('amount_out_of_range');
  });

  it('refuses an app without an account', async () => {
    const appId = `app_${randomHex(12)}`;
    await books.setPrincipal('app', appId, appId);
    expect(codeOf((await books.hold([makeHoldItem({ appId })]))[0])).toBe('insufficient_balance');
  });

  describe('identity, read inside the transaction', () => {
    it.each(['suspended', 'revoked'] as const)('refuses a %s app at once', async (status) => {
      const appId = await openApp();
      expect(codeOf((await books.hold([makeHoldItem({ appId })]))[0])).toBe('granted');
      await books.setPrincipal('app', appId, appId, status);
      expect(codeOf((await books.hold([makeHoldItem({ appId })]))[0])).toBe('suspended');
    });

    it.each([
      ['user', 'subject'],
      ['client', 'clientId'],
      ['key', 'keyId'],
    ] as const)('needs an active %s of this app', async (kind, field) => {
      const appId = await openApp();
      const otherApp = await openApp();
      const id = `usr_${randomHex(12)}`;
      const ask = async () => codeOf((await books.hold([makeHoldItem({ appId, [field]: id })]))[0]);
      expect(await ask()).toBe('suspended');
      await books.setPrincipal(kind, id, appId);
      expect(await ask()).toBe('granted');
      const foreign = makeHoldItem({ appId: otherApp, [field]: id });
      expect(codeOf((await books.hold([foreign]))[0])).toBe('suspended');
      await books.setPrincipal(kind, id, appId, 'revoked');
      expect(await ask()).toBe('suspended');
    });

    it.each([
      ['grant', 'grantId'],
      ['jti', 'jti'],
    ] as const)('refuses a %s only when a row says that it was revoked', async (kind, field) => {
      const appId = await openApp();
      const id = randomHex(12);
      const ask = async () => codeOf((await books.hold([makeHoldItem({ appId, [field]: id })]))[0]);
      expect(await ask()).toBe('granted');
      await books.setPrincipal(kind, id, appId, 'revoked');
      expect(await ask()).toBe('suspended');
    });
  });

  describe('replay', () => {
    it('answers the same request with the same hold, and charges nothing', async () => {
      const appId = await openApp();
      const item = makeHoldItem({ appId, feeWei: fee(5n) });
      const first = granted((await books.hold([item]))[0]);
      const later = { ...item, rebuild: { ...item.rebuild, nowNs: '1780000009000000000' } };
      const again = granted((await books.hold([later]))[0]);
      expect(again).toEqual({ ...first, replayed: true });
      expect((await books.balance(appId)).held).toBe(5n);
    });

    it('answers a settled hold too', async () => {
      const appId = await openApp();
      const item = makeHoldItem({ appId, feeWei: fee(5n) });
      const first = granted((await books.hold([item]))[0]);
      await settleHolds(books, [settlementOf(first)]);
      expect(granted((await books.hold([item]))[0])).toEqual({ ...first, replayed: true });
      expect(await books.balance(appId)).toEqual({ posted: 999_995n, held: 0n });
    });

    it('has one effect for the same id twice in one batch, and answers both', async () => {
      const appId = await openApp();
      const item = makeHoldItem({ appId, feeWei: fee(5n) });
      const answers = (await books.hold([item, item])).map(granted);
      expect(answers.map(({ replayed }) => replayed)).toEqual([false, true]);
      expect(answers[0]?.holdId).toBe(answers[1]?.holdId);
      expect((await books.balance(appId)).held).toBe(5n);
    });

    it('gives one charge and 8 identical answers to 8 at once', async () => {
      const appId = await openApp();
      const item = makeHoldItem({ appId, feeWei: fee(5n) });
      const answers = await Promise.all(Array.from({ length: 8 }, () => books.hold([item])));
      const grants = answers.map(([answer]) => granted(answer));
      expect(new Set(grants.map(({ holdId }) => holdId)).size).toBe(1);
      expect(new Set(grants.map(({ rebuild }) => JSON.stringify(rebuild))).size).toBe(1);
      expect(grants.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect((await books.balance(appId)).held).toBe(5n);
    });

    it('grants a released hold anew: same id and bytes, charged again', async () => {
      const appId = await openApp(5n);
      const item = makeHoldItem({ appId, feeWei: fee(5n) });
      const first = granted((await books.hold([item]))[0]);
      await releaseHolds(books, [first.holdId]);
      expect((await books.balance(appId)).held).toBe(0n);
      const later = { ...item, rebuild: { ...item.rebuild, nowNs: '1780000009000000000' } };
      expect(granted((await books.hold([later]))[0])).toEqual({ ...first, replayed: true });
      expect((await books.balance(appId)).held).toBe(5n);
    });

    it('refuses a released hold when its money is gone meanwhile', async () => {
      const appId = await openApp(5n);
      const item = makeHoldItem({ appId, feeWei: fee(5n) });
      const first = granted((await books.hold([item]))[0]);
      await releaseHolds(books, [first.holdId]);
      await books.hold([makeHoldItem({ appId, feeWei: fee(1n) })]);
      expect(codeOf((await books.hold([item]))[0])).toBe('insufficient_balance');
      expect((await books.balance(appId)).held).toBe(1n);
    });

    it('grants a released hold once when it is asked for twice in a batch', async () => {
      const appId = await openApp();
      const item = makeHoldItem({ appId, feeWei: fee(5n) });
      const first = granted((await books.hold([item]))[0]);
      await releaseHolds(books, [first.holdId]);
      const answers = (await books.hold([item, item])).map(granted);
      expect(answers.map(({ holdId }) => holdId)).toEqual([first.holdId, first.holdId]);
      expect((await books.balance(appId)).held).toBe(5n);
    });

    it('gives a first call again while its session has not advanced', async () => {
      const appId = await openApp();
      const item = makeHoldItem({ appId, seq: 0 });
      granted((await books.hold([item]))[0]);
      expect(granted((await books.hold([item]))[0]).replayed).toBe(true);
      const next = makeHoldItem({ appId, stateId: item.stateId, seq: 1 });
      granted((await books.hold([next]))[0]);
      expect(codeOf((await books.hold([item]))[0])).toBe('replay_stale');
      expect(granted((await books.hold([next]))[0]).replayed).toBe(true);
    });

    it('gives a first call again for 60 s only', async () => {
      const appId = await openApp();
      const item = makeHoldItem({ appId, seq: 0 });
      const { holdId } = granted((await books.hold([item]))[0]);
      await books.sql`
        update billing.holds set created_at = created_at - interval '61 seconds'
        where id = ${holdId}`;
      expect(codeOf((await books.hold([item]))[0])).toBe('replay_stale');
    });

    it("never gives one app another app's hold", async () => {
      const appId = await openApp();
      const otherApp = await openApp();
      const item = makeHoldItem({ appId });
      granted((await books.hold([item]))[0]);
      const stolen = { ...item, principal: { ...item.principal, appId: otherApp } };
      expect(codeOf((await books.hold([stolen]))[0])).toBe('invalid_request');
      const fresh = makeHoldItem({ appId });
      const both = { ...fresh, principal: { ...fresh.principal, appId: otherApp } };
      const answers = await books.hold([fresh, both]);
      expect(answers.map(codeOf)).toEqual(['granted', 'invalid_request']);
    });
  });

  describe('forks and nonces', () => {
    it('makes at most three forks of one place in a session', async () => {
      const appId = await openApp();
      const stateId = randomHex(16);
      const ask = async () => (await books.hold([makeHoldItem({ appId, stateId, seq: 7 })]))[0];
      const forks = [granted(await ask()), granted(await ask()), granted(await ask())];
      expect(forks.map(({ forkNo }) => forkNo)).toEqual([0, 1, 2]);
      expect(granted(await ask()).forkNo).toBe(3);
      expect(codeOf(await ask())).toBe('fork_limit');
    });

    it('counts the forks within one batch too', async () => {
      const appId = await openApp();
      const stateId = randomHex(16);
      const items = Array.from({ length: 6 }, () => makeHoldItem({ appId, stateId, seq: 7 }));
      const answers = await books.hold(items);
      expect(answers.map(codeOf)).toEqual([
        ...Array.from({ length: 4 }, () => 'granted'),
        'fork_limit',
        'fork_limit',
      ]);
    });

    it('refuses nonces that overlap, in the table and within a batch', async () => {
      const appId = await openApp();
      const recipientRandHash = randomHex(32);
      const ask = (nonceFrom: number, numTickets: number) =>
        makeHoldItem({ appId, recipientRandHash, nonceFrom, numTickets });
      granted((await books.hold([ask(1, 10)]))[0]);
      const answers = await books.hold([ask(10, 1), ask(11, 5), ask(15, 2), ask(16, 1), ask(3, 2)]);
      expect(answers.map(codeOf)).toEqual([
        'nonce_overlap',
        'granted',
        'nonce_overlap',
        'granted',
        'nonce_overlap',
      ]);
      const elsewhere = makeHoldItem({ appId, nonceFrom: 1, numTickets: 10 });
      expect(codeOf((await books.hold([elsewhere]))[0])).toBe('granted');
    });

    it('decides a race for one nonce between two apps by the unique key', async () => {
      const apps = [await openApp(), await openApp()];
      const recipientRandHash = randomHex(32);
      const answers = await Promise.all(
        apps.map((appId) => books.hold([makeHoldItem({ appId, recipientRandHash })])),
      );
      expect(answers.map(([answer]) => codeOf(answer)).sort()).toEqual([
        'granted',
        'nonce_overlap',
      ]);
    });
  });

  it('refuses holds without a fresh price', async () => {
    const appId = await openApp();
    const answers = await books.hold([makeHoldItem({ appId })], { policy: { fxMaxAgeMs: -1 } });
    expect(codeOf(answers[0])).toBe('fx_stale');
  });
});
