import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { withTransaction } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleHolds } from '../holds/settle-holds.ts';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  granted,
  openBooks,
  settlementOf,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { findFaults } from './find-faults.ts';
import { postTransactions } from './post-transactions.ts';

const REFUSED = { code: '42501' };

describe('the ledger', () => {
  let books: Books;
  let appId: string;
  let holdId: string;
  beforeAll(async () => {
    books = await openBooks();
    appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 1_000n);
    const item = makeHoldItem({ appId, feeWei: 10n * WEI_PER_MICRO });
    const grant = granted((await books.hold([item]))[0]);
    holdId = grant.holdId;
    await settleHolds(books, [settlementOf(grant)]);
  });
  afterAll(async () => {
    await books.close();
  });

  describe('is append-only', () => {
    it.each(['ledger_entries', 'ledger_txns', 'usage_events'])(
      'for the service: no update, delete or truncate of %s',
      async (table) => {
        const { sql } = books;
        const name = sql(`billing.${table}`);
        await expect(sql`delete from ${name}`).rejects.toMatchObject(REFUSED);
        await expect(sql`truncate ${name}`).rejects.toMatchObject(REFUSED);
        const update = sql.unsafe(`update billing.${table} set app_id = 'x'`);
        await expect(update).rejects.toMatchObject({ code: expect.stringMatching(/42501|42703/) });
      },
    );

    it.each(['ledger_entries', 'ledger_txns'])('for its owner too: %s', async (table) => {
      const sql = books.openPool('billing_owner');
      await expect(sql`delete from ${sql(`billing.${table}`)}`).rejects.toMatchObject(REFUSED);
      await expect(sql`truncate ${sql(`billing.${table}`)}`).rejects.toMatchObject(REFUSED);
    });

    it('and the service may not change its own tables', async () => {
      await expect(books.sql`create table billing.x (id int)`).rejects.toMatchObject(REFUSED);
      await expect(
        books.sql`alter table billing.ledger_entries disable trigger all`,
      ).rejects.toMatchObject(REFUSED);
    });
  });

  describe('is balanced', () => {
    const unbalanced = [
      { accountId: 1n, currency: 'USD', amount: 5n },
      { accountId: 2n, currency: 'USD', amount: -4n },
    ] as const;

    it('by its only writer', async () => {
      const id = '01900000-0000-7000-8000-00000000aaaa';
      const posting = withTransaction(books.sql, (tx) =>
        postTransactions(tx, [
          { id, kind: 'adjustment', appId, effectiveAtMs: 0, postings: [...unbalanced] },
        ]),
      );
      await expect(posting).rejects.toThrow('does not sum to zero');
    });

    it('by the database, per transaction and currency', async () => {
      const insert = (rows: readonly (readonly [string, number, string, number])[]) =>
        books.sql`
          insert into billing.ledger_entries (txn_id, seq, account_id, currency, amount)
          select (r->>0)::uuid, (r->>1)::smallint, 1, r->>2, (r->>3)::numeric
          from json_array_elements(${JSON.stringify(rows)}::text::json) as r`;
      const one = '01900000-0000-7000-8000-00000000bbbb';
      const two = '01900000-0000-7000-8000-00000000cccc';
      const broken = { code: '23514' };
      await expect(insert([[one, 0, 'USD', 5]])).rejects.toMatchObject(broken);
      const across = insert([
        [one, 0, 'USD', 5],
        [one, 1, 'WEI', -5],
      ]);
      await expect(across).rejects.toMatchObject(broken);
      const overTwo = insert([
        [one, 0, 'USD', 5],
        [two, 0, 'USD', -5],
      ]);
      await expect(overTwo).rejects.toMatchObject(broken);
    });
  });

  it.each(['NaN', '-1', '1e78', 'Infinity'])('has no amount of wei that is %s', async (text) => {
    await expect(books.sql`select ${text}::text::billing.wei`).rejects.toMatchObject({
      code: expect.stringMatching(/^2/),
    });
  });

  describe('is proved', () => {
    it('right while it is right', async () => {
      expect(await books.reconcile()).toEqual([]);
      expect(await runCli()).toBe(0);
    });

    it('wrong when a balance is changed behind its back', async () => {
      const { sql } = books;
      await sql`
        update billing.balances set posted = posted + 1 where account_id =
          (select id from billing.accounts where kind = 'prepaid' and app_id = ${appId})`;
      expect(await books.reconcile()).toEqual([
        {
          rule: 'posted_is_sum_of_entries',
          subject: `customer:${appId}:prepaid USD`,
          expected: '990',
          actual: '991',
        },
      ]);
      expect(await runCli()).toBe(1);
      await sql`
        update billing.balances set posted = posted - 1 where account_id =
          (select id from billing.accounts where kind = 'prepaid' and app_id = ${appId})`;
    });

    it.each([
      ['held_is_sum_of_open_holds', 'update billing.balances set held = held + 1 where posted > 0'],
      ['daily_is_sum_of_events', 'update billing.usage_daily set fee_wei = fee_wei + 1'],
      ['hourly_is_sum_of_events', 'update billing.usage_hourly set charge_micros = 0'],
      ['caps_held_is_sum_of_open_holds', 'update billing.caps set held = held + 1'],
      ['charges_are_exact', 'update billing.balances set remainder = 1 where posted > 0'],
      ['settled_holds_have_events', 'update billing.holds set state = 2'],
      [
        'requests_are_held_once',
        `insert into billing.holds select (jsonb_populate_record(h, jsonb_build_object('id',
          gen_random_uuid(), 'fork_no', 1, 'nonce_from', 77, 'nonce_to', 77))).*
        from billing.holds h limit 1`,
      ],
    ])('wrong by rule %s', async (rule, fault) => {
      const { sql } = books;
      const rules = await sql
        .begin(async (tx) => {
          await tx.unsafe(fault);
          throw new Planted((await findFaults(tx)).map((found) => found.rule));
        })
        .catch((error: unknown) => {
          if (error instanceof Planted) return error.rules;
          throw error;
        });
      expect(rules).toContain(rule);
      expect(await books.reconcile()).toEqual([]);
    });
  });

  it('keeps one transaction for one hold', async () => {
    const rows = await books.sql`select kind from billing.ledger_txns where id = ${holdId}`;
    expect([...rows]).toEqual([{ kind: 'settlement' }]);
  });

  async function runCli(): Promise<number | null> {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../reconcile-cli.ts')], {
      env: { PATH: process.env.PATH, DATABASE_URL: books.database.url('billing_app') },
      stdio: 'ignore',
    });
    return await new Promise((resolve) => child.once('exit', resolve));
  }
});

/** Carries what was found out of a transaction that is rolled back. */
class Planted extends Error {
  readonly rules: readonly string[];
  constructor(rules: readonly string[]) {
    super('rolled back');
    this.rules = rules;
  }
}
