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

describe('settlement', () => {
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
  const holdOne = async (appId: string, micros: bigint, more = {}) =>
    granted((await books.hold([makeHoldItem({ appId, feeWei: fee(micros), ...more })]))[0]);
  const eventsOf = async (appId: string) =>
    await books.sql<{ charge_micros: string; is_late: boolean; is_clamped: boolean }[]>`
      select charge_micros, is_late, is_clamped from billing.usage_events where app_id = ${appId}`;
  const alarmsOf = async (subject: string) =>
    (
      await books.sql<{ kind: string }[]>`
        select kind from billing.alarms where subject = ${subject} order by kind`
    ).map(({ kind }) => kind);

  it('turns a hold into one event, one transaction and one debit', async () => {
    const appId = await openApp(100n);
    const grant = await holdOne(appId, 40n, { ticketEvWei: fee(60n) });
    expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['settled']);
    expect(await books.balance(appId)).toEqual({ posted: 60n, held: 0n });
    expect(await eventsOf(appId)).toEqual([
      { charge_micros: '40', is_late: false, is_clamped: false },
    ]);
    const entries = await books.sql`
      select a.kind, e.currency, e.amount from billing.ledger_entries e
      join billing.accounts a on a.id = e.account_id where e.txn_id = ${grant.holdId}
      order by e.currency, a.kind`;
    expect([...entries]).toEqual([
      { kind: 'network_cost', currency: 'USD', amount: '40' },
      { kind: 'prepaid', currency: 'USD', amount: '-40' },
      { kind: 'network_cost', currency: 'WEI', amount: '-60000000' },
      { kind: 'ticket_liability', currency: 'WEI', amount: '60000000' },
    ]);
  });

  it('splits a markup from the network cost', async () => {
    const appId = await openApp(1_000n);
    await books.sql`
      update billing.accounts set markup_bps = 2500 where app_id = ${appId} and kind = 'prepaid'`;
    const grant = await holdOne(appId, 100n);
    await settleHolds(books, [settlementOf(grant)]);
    const entries = await books.sql`
      select a.kind, e.amount from billing.ledger_entries e
      join billing.accounts a on a.id = e.account_id
      where e.txn_id = ${grant.holdId} and e.currency = 'USD' order by a.kind`;
    expect([...entries]).toEqual([
      { kind: 'network_cost', amount: '100' },
      { kind: 'prepaid', amount: '-125' },
      { kind: 'revenue_markup', amount: '25' },
    ]);
  });

  it('writes no ledger row for a payment that moves nothing', async () => {
    const appId = await openApp(10n);
    const grant = await holdOne(appId, 0n);
    expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['settled']);
    expect(await eventsOf(appId)).toHaveLength(1);
    const rows = await books.sql`select from billing.ledger_txns where id = ${grant.holdId}`;
    expect(rows).toHaveLength(0);
  });

  it('keeps the price of the hold when the price moves before it is settled', async () => {
    const appId = await openApp(100n);
    const grant = await holdOne(appId, 10n);
    const [{ price_e8: before } = { price_e8: '' }] = await books.sql<{ price_e8: string }[]>`
      select price_e8 from billing.fx_rates order by id desc limit 1`;
    await books.setPrice(BigInt(before) * 5n);
    await settleHolds(books, [settlementOf(grant)]);
    await books.setPrice(BigInt(before));
    expect((await books.balance(appId)).posted).toBe(90n);
  });

  describe('exactly once', () => {
    it('under duplicates in one batch, across batches and at the same time', async () => {
      const appId = await openApp(1_000n);
      const grants = await Promise.all([1n, 2n, 3n, 4n].map((micros) => holdOne(appId, micros)));
      const items = grants.map(settlementOf);
      const reversed = [...items].reverse();
      const [first = items[0]] = items;
      const results = await Promise.all([
        settleHolds(books, [...items, first as (typeof items)[0]]),
        settleHolds(books, reversed),
        settleHolds(books, items),
      ]);
      expect(results.flat().filter((result) => result === 'settled')).toHaveLength(4);
      expect(results.flat().filter((result) => result === 'already')).toHaveLength(9);
      expect(await books.balance(appId)).toEqual({ posted: 990n, held: 0n });
      expect(await eventsOf(appId)).toHaveLength(4);
    });

    it('with two workers over separate pools and many accounts in opposite order', async () => {
      const apps = await Promise.all(Array.from({ length: 8 }, () => openApp(10_000n)));
      const items = Array.from({ length: 400 }, (_, index) =>
        makeHoldItem({ appId: apps[index % apps.length] as string, feeWei: fee(3n) }),
      );
      const settlements = (await books.hold(items)).map((answer) => settlementOf(granted(answer)));
      const other = { sql: books.openPool('billing_app'), accountIds: new Map<string, bigint>() };
      const results = await Promise.all([
        settleHolds(books, settlements),
        settleHolds(other, [...settlements].reverse()),
      ]);
      expect(results.flat().filter((result) => result === 'settled')).toHaveLength(400);
      for (const appId of apps) {
        expect(await books.balance(appId)).toEqual({ posted: 10_000n - 150n, held: 0n });
      }
    });
  });

  describe('late', () => {
    it('posts after a release when the money is still there', async () => {
      const appId = await openApp(100n);
      const grant = await holdOne(appId, 40n);
      expect(await releaseHolds(books, [grant.holdId])).toEqual(['released']);
      expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['late']);
      expect(await books.balance(appId)).toEqual({ posted: 60n, held: 0n });
      expect((await eventsOf(appId))[0]?.is_late).toBe(true);
    });

    it('books what the account lacks as owed, suspends it and raises an alarm', async () => {
      const appId = await openApp(100n);
      const grant = await holdOne(appId, 80n);
      await releaseHolds(books, [grant.holdId]);
      await holdOne(appId, 50n);
      expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['late']);
      expect(await books.balance(appId)).toEqual({ posted: 50n, held: 50n });
      const owed = await books.sql<{ posted: string }[]>`
        select b.posted from billing.balances b join billing.accounts a on a.id = b.account_id
        where a.kind = 'uncollected' and a.app_id = ${appId}`;
      expect(owed[0]?.posted).toBe('-30');
      expect(await alarmsOf(appId)).toEqual(['uncollected']);
      const answers = await books.hold([makeHoldItem({ appId, feeWei: 0n })]);
      expect(codeOf(answers[0])).toBe('suspended');
    });

    it('takes what is owed from the next credit and then lifts the suspension', async () => {
      const appId = await openApp(100n);
      const grant = await holdOne(appId, 100n);
      await releaseHolds(books, [grant.holdId]);
      const other = await holdOne(appId, 100n);
      await settleHolds(books, [settlementOf(grant), settlementOf(other)]);
      await books.addCredit(appId, 60n);
      expect(codeOf((await books.hold([makeHoldItem({ appId })]))[0])).toBe('suspended');
      expect((await books.balance(appId)).posted).toBe(0n);
      await books.addCredit(appId, 60n);
      expect((await books.balance(appId)).posted).toBe(20n);
      expect(codeOf((await books.hold([makeHoldItem({ appId })]))[0])).toBe('granted');
    });
  });

  it('refuses another payment under the id of a hold, with an alarm', async () => {
    const appId = await openApp(100n);
    const grant = await holdOne(appId, 40n);
    const wrong = { ...settlementOf(grant), paymentHash: randomHex(32) };
    expect(await settleHolds(books, [wrong])).toEqual(['mismatch']);
    expect(await books.balance(appId)).toEqual({ posted: 100n, held: 40n });
    expect(await alarmsOf(grant.holdId)).toEqual(['settle_mismatch']);
  });

  it('answers for an unknown hold with an alarm, and posts the others of the batch', async () => {
    const appId = await openApp(100n);
    const grant = await holdOne(appId, 40n);
    const holdId = '01900000-0000-7000-8000-000000000000';
    const results = await settleHolds(books, [
      { ...settlementOf(grant), holdId },
      settlementOf(grant),
    ]);
    expect(results).toEqual(['unknown', 'settled']);
    expect(await alarmsOf(holdId)).toEqual(['settle_unknown_hold']);
  });

  it.each([
    ['an hour ahead', 3_600_000n],
    ['40 days behind', -40n * 86_400_000n],
    ['in the year 9999', 251_000_000_000_000n],
  ])('replaces a signing time %s and says so', async (_name, offsetMs) => {
    const appId = await openApp(100n);
    const grant = await holdOne(appId, 1n);
    const signedAtNs = (BigInt(Date.now()) + offsetMs) * 1_000_000n;
    await settleHolds(books, [{ ...settlementOf(grant), signedAtNs }]);
    expect((await eventsOf(appId))[0]?.is_clamped).toBe(true);
  });

  it('refuses to release what is settled, and knows what it released', async () => {
    const appId = await openApp(100n);
    const [settled, open] = [await holdOne(appId, 10n), await holdOne(appId, 10n)];
    await settleHolds(books, [settlementOf(settled)]);
    const unknown = '01900000-0000-7000-8000-000000000001';
    expect(await releaseHolds(books, [settled.holdId, open.holdId, unknown])).toEqual([
      'settled',
      'released',
      'unknown',
    ]);
    expect(await releaseHolds(books, [open.holdId])).toEqual(['already']);
    expect(await books.balance(appId)).toEqual({ posted: 90n, held: 0n });
  });

  it('does not release a hold that was granted again: another asker may be signing it', async () => {
    const appId = await openApp(100n);
    const item = makeHoldItem({ appId, feeWei: fee(10n) });
    const grant = granted((await books.hold([item]))[0]);
    await books.hold([item], { replicaId: 'signer-b' });
    await releaseHolds(books, [grant.holdId]);
    expect((await books.balance(appId)).held).toBe(10n);
    expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['settled']);
  });
});
