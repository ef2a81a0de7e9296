import { type SettleItem, withTransaction } from '@clearinghouse/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putCaps } from '../caps/put-caps.ts';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  granted,
  openBooks,
  settlementOf,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { postSettlements } from './post-settlements.ts';
import { releaseHolds } from './release-holds.ts';
import { settleAtOnce } from './settle-at-once.ts';
import { settleHolds } from './settle-holds.ts';

describe('a batch that is settled in one statement', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
    // Makes the accounts of the platform and of the signer.
    await holdOne(await openApp(), 1n).then((item) => settleHolds(books, [item]));
  });
  afterAll(async () => {
    expect(await books.reconcile()).toEqual([]);
    await books.close();
  });

  const openApp = async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 1_000n);
    return appId;
  };
  const holdOne = async (appId: string, micros: bigint, more = {}) => {
    const item = makeHoldItem({ appId, feeWei: micros * WEI_PER_MICRO, ...more });
    return settlementOf(granted((await books.hold([item]))[0]));
  };

  it('settles what is open, and nothing twice', async () => {
    const appId = await openApp();
    const items = [await holdOne(appId, 3n), await holdOne(appId, 4n)];
    expect(await settleAtOnce(books, items)).toBe(true);
    expect(await books.balance(appId)).toEqual({ posted: 993n, held: 0n });
    expect(await settleAtOnce(books, items)).toBe(false);
    expect(await books.balance(appId)).toEqual({ posted: 993n, held: 0n });
  });

  it.each<[string, (item: SettleItem) => Promise<SettleItem[]>]>([
    ['an id given twice', async (item) => [item, item]],
    ['another payment', async (item) => [{ ...item, paymentHash: randomHex(32) }]],
    [
      'an unknown hold',
      async (item) => [item, { ...item, holdId: `0${item.holdId.slice(1, -4)}ffff` }],
    ],
    [
      'a late payment',
      async (item) => {
        await releaseHolds(books, [item.holdId]);
        return [item];
      },
    ],
    [
      'a disputed hold',
      async (item) => {
        await books.sql`update billing.holds set state = 4 where id = ${item.holdId}`;
        return [item];
      },
    ],
  ])('writes nothing with %s', async (_name, change) => {
    const appId = await openApp();
    const other = await holdOne(appId, 5n);
    const items = await change(await holdOne(appId, 5n));
    const before = await books.balance(appId);
    expect(await settleAtOnce(books, [other, ...items])).toBe(false);
    expect(await books.balance(appId)).toEqual(before);
    const events = await books.sql`select from billing.usage_events where app_id = ${appId}`;
    expect(events).toHaveLength(0);
    await books.sql`
      update billing.holds set state = 0 where app_id = ${appId} and state = 4`;
  });

  it('writes nothing for a signer whose account is not there yet; the careful way makes it', async () => {
    const appId = await openApp();
    const item = await holdOne(appId, 5n, { sender: `0x${randomHex(20)}` });
    expect(await settleAtOnce(books, [item])).toBe(false);
    expect(await settleHolds(books, [item])).toEqual(['settled']);
  });

  it('posts each payment once for two processes with the same batches', async () => {
    const appId = await openApp();
    const items = await Promise.all(Array.from({ length: 60 }, () => holdOne(appId, 1n)));
    const other = { sql: books.openPool('billing_app'), accountIds: new Map<string, bigint>() };
    const results = await Promise.all(
      [books, other, books, other].map((deps) => settleHolds(deps, items)),
    );
    expect(results.flat().filter((result) => result === 'settled')).toHaveLength(60);
    expect(results.flat().filter((result) => result === 'already')).toHaveLength(180);
    expect(await books.balance(appId)).toEqual({ posted: 940n, held: 0n });
  });

  it('writes what the careful way writes, whatever is settled', async () => {
    const payment = fc.record({
      feeWei: fc.bigInt({ min: 0n, max: 9_000_000n }),
      creditWei: fc.bigInt({ min: 0n, max: 5n }),
      user: fc.constantFrom('app', 'usr_a', 'usr_b'),
      model: fc.constantFrom('m1', 'm2'),
      aheadMs: fc.constantFrom(0n, 1_000n, 3_600_000n),
    });
    const batches = fc.array(fc.array(payment, { minLength: 1, maxLength: 6 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(batches, async (paid) => {
        const signedAtNs = BigInt(Date.now()) * 1_000_000n;
        const [atOnce, careful] = await Promise.all(
          [true, false].map((isAtOnce) => replay(books, paid, { isAtOnce, signedAtNs })),
        );
        expect(atOnce).toEqual(careful);
      }),
      { numRuns: 20 },
    );
  });
});

type Paid = {
  readonly feeWei: bigint;
  readonly creditWei: bigint;
  readonly user: string;
  readonly model: string;
  readonly aheadMs: bigint;
};

/** Settles the same batches in an app of its own; everything that was written, ids and times aside. */
async function replay(
  books: Books,
  batches: readonly (readonly Paid[])[],
  way: { isAtOnce: boolean; signedAtNs: bigint },
) {
  const appId = `app_${randomHex(12)}`;
  const suffix = randomHex(4);
  await books.openApp(appId, 1_000n);
  await books.sql`
    update billing.accounts set markup_bps = 333 where app_id = ${appId} and kind = 'prepaid'`;
  for (const user of ['usr_a', 'usr_b']) await books.setPrincipal('user', user + suffix, appId);
  const caps = ['day', 'total'] as const;
  const cap = { scope: 'app', scopeId: appId, metric: 'charge_micros', limit: 10n ** 9n } as const;
  await putCaps(books, { appId, caps: caps.map((period) => ({ ...cap, period })) });
  for (const batch of batches) {
    const asked = batch.map(({ feeWei, creditWei, user, model }) => {
      const who = user === 'app' ? {} : { subject: user + suffix, externalUserId: `x ${user}` };
      return makeHoldItem({ appId, feeWei, ticketEvWei: feeWei + creditWei, model, ...who });
    });
    const answers = await books.hold(asked);
    const items = answers.map((answer, index) => ({
      ...settlementOf(granted(answer)),
      signedAtNs: way.signedAtNs + (batch[index]?.aheadMs ?? 0n) * 1_000_000n,
    }));
    if (way.isAtOnce) expect(await settleAtOnce(books, items)).toBe(true);
    else await withTransaction(books.sql, (tx) => postSettlements(tx, books, items));
  }
  return { balance: await books.balance(appId), rows: await readWritten(books, appId, suffix) };
}

async function readWritten(books: Books, appId: string, suffix: string) {
  const own = "'{id,event_id,app_id,account_id,created_at,expires_at,received_at,closed_at}'";
  const drop = `to_jsonb(t) - ${own}::text[] - '{state_id,request_hash,recipient_rand_hash,
    manifest_id,creation_block_hash,new_state_hash,payment_hash,tickets_hash,occurred_at,scope_id,
    txn_id,effective_at,updated_at,last_used_at,version,seq,ask_no}'::text[]`;
  const queries = [
    `select ${drop} as row from billing.usage_events t where app_id = $1`,
    `select to_char(occurred_at, 'YYYY-MM-DD') as row from billing.usage_events t
      where app_id = $1`,
    `select ${drop} as row from billing.holds t where app_id = $1`,
    `select ${drop} as row from billing.caps t where app_id = $1`,
    `select ${drop} as row from billing.usage_daily t where app_id = $1`,
    `select ${drop} as row from billing.usage_hourly t where app_id = $1`,
    `select ${drop} as row from billing.ledger_txns t
      where app_id = $1 and kind = 'settlement'`,
    `select e.currency || a.kind || e.amount as row from billing.ledger_entries e
      join billing.ledger_txns t on t.id = e.txn_id join billing.accounts a on a.id = e.account_id
      where t.app_id = $1`,
    `select (b.remainder, b.network_remainder)::text as row from billing.balances b
      join billing.accounts a on a.id = b.account_id where a.app_id = $1`,
    `select e - 'eventId' - 'occurredAt' as row from billing.outbox t,
      jsonb_array_elements(t.payload -> 'events') as e
      where app_id = $1 and topic = 'usage.settled'`,
    `select regexp_replace(e ->> 'occurredAt', '[0-9]', '9', 'g') as row from billing.outbox t,
      jsonb_array_elements(t.payload -> 'events') as e
      where app_id = $1 and topic = 'usage.settled'`,
  ];
  const all = [];
  for (const query of queries) {
    const rows = await books.sql.unsafe<{ row: unknown }[]>(query, [appId]);
    all.push(rows.map(({ row }) => JSON.stringify(row).replaceAll(suffix, '')).sort());
  }
  return all;
}
