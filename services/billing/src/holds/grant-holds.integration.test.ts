import type { HoldItemWire } from '@clearinghouse/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putCaps } from '../caps/put-caps.ts';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  codeOf,
  granted,
  openBooks,
  settlementOf,
  TEST_POLICY,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { grantHolds } from './grant-holds.ts';
import { parseHoldItem } from './parse-hold-item.ts';
import { planGrants } from './plan-grants.ts';
import { releaseHolds } from './release-holds.ts';
import { settleHolds } from './settle-holds.ts';

describe('a batch that is granted in one statement', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    expect(await books.reconcile()).toEqual([]);
    await books.close();
  });

  /** An app whose terms are remembered. */
  const openApp = async (creditMicros = 1_000_000n) => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, creditMicros);
    granted((await books.hold([makeHoldItem({ appId, feeWei: 0n })]))[0]);
    return appId;
  };
  const fee = (micros: bigint) => micros * WEI_PER_MICRO;
  const planOf = (items: readonly HoldItemWire[], policy = TEST_POLICY) => {
    const asks = items.map((raw) => {
      const item = parseHoldItem(raw);
      if (!item) throw new Error('the test made a bad item');
      return { replicaId: 'signer-a', item };
    });
    const plan = planGrants(asks, books.terms, policy);
    if (!plan) throw new Error('not planned');
    return plan;
  };
  const grant = (items: readonly HoldItemWire[], policy = TEST_POLICY) =>
    grantHolds({ sql: books.sql, policy }, planOf(items, policy));
  const countHolds = async (appId: string) =>
    (await books.sql`select from billing.holds where app_id = ${appId}`).length;

  it('writes the same row as the careful way', async () => {
    const appId = await openApp();
    const shape = { appId, subject: `usr_${randomHex(8)}`, externalUserId: 'é "x", \\ {}' };
    await books.setPrincipal('user', shape.subject, appId);
    const items = [makeHoldItem(shape), makeHoldItem({ ...shape, jti: 'j', grantId: 'g' })];
    const atOnce = await grant(items);
    const again = items.map((item) => ({
      ...item,
      stateId: `${item.stateId}x`,
      recipientRandHash: randomHex(32),
      rebuild: { ...item.rebuild, stateId: `${item.stateId}x` },
    }));
    const careful = await books.hold(again, { rowByRow: true });
    const read = async (answers: Awaited<ReturnType<typeof grant>>) => {
      const ids = (answers ?? []).map((answer) => granted(answer).holdId);
      const rows = await books.sql`
        select to_jsonb(h) - '{id,created_at,expires_at,state_id,recipient_rand_hash}'::text[]
          as row, extract(epoch from expires_at - created_at)::int as ttl,
          substr(id::text, 1, 13) = substr(lpad(to_hex(
            (extract(epoch from created_at) * 1000)::bigint), 12, '0'), 1, 8) || '-' ||
            substr(lpad(to_hex((extract(epoch from created_at) * 1000)::bigint), 12, '0'), 9)
            as is_timed, substr(id::text, 15, 1) as version
        from billing.holds h where id = any(${ids}::uuid[]) order by grant_id nulls first`;
      return [...rows];
    };
    const rows = await read(atOnce);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ is_timed: true, version: '7', ttl: 120 });
    expect(rows).toEqual(await read(careful));
  });

  it('grants to the last micro-dollar, and not one beyond', async () => {
    const appId = await openApp(10n);
    const items = [4n, 6n].map((micros) => makeHoldItem({ appId, feeWei: fee(micros) }));
    expect(await grant([...items, makeHoldItem({ appId, feeWei: 1n })])).toBeUndefined();
    expect(await books.balance(appId)).toEqual({ posted: 10n, held: 0n });
    expect(await countHolds(appId)).toBe(1);
    expect(await grant(items)).toHaveLength(2);
    expect(await books.balance(appId)).toEqual({ posted: 10n, held: 10n });
    expect(await grant([makeHoldItem({ appId, feeWei: 1n })])).toBeUndefined();
  });

  it('takes of several accounts, or of none', async () => {
    const apps = [await openApp(5n), await openApp(3n)];
    const items = (micros: bigint) =>
      apps.map((appId) => makeHoldItem({ appId, feeWei: fee(micros) }));
    expect(await grant(items(4n))).toBeUndefined();
    expect(await grant(items(3n))).toHaveLength(2);
    expect((await books.balance(apps[0] as string)).held).toBe(3n);
    expect((await books.balance(apps[1] as string)).held).toBe(3n);
  });

  it.each<[string, (appId: string) => Promise<void>]>([
    ['a newer price', () => books.setPrice(99_999_999_999_999n)],
    ['a suspended app', (appId) => books.setPrincipal('app', appId, appId, 'suspended')],
    [
      'an account suspended',
      async (appId) => {
        await books.sql`
          update billing.accounts set suspended_at = now() where app_id = ${appId}`;
      },
    ],
    [
      'a markup of its own',
      async (appId) => {
        await books.sql`update billing.accounts set markup_bps = 5 where app_id = ${appId}`;
      },
    ],
    ['a user that is not known', async () => undefined],
  ])('is declined for %s, and writes nothing', async (name, change) => {
    const appId = await openApp();
    const subject = name.startsWith('a user') ? 'usr_unknown' : 'app';
    const plan = planOf([makeHoldItem({ appId }), makeHoldItem({ appId, subject })]);
    await change(appId);
    expect(await grantHolds({ sql: books.sql, policy: TEST_POLICY }, plan)).toBeUndefined();
    expect(await countHolds(appId)).toBe(1);
    await books.setPrice(100_000_000_000_000n);
  });

  it('is declined for a price that is too old', async () => {
    const appId = await openApp();
    const policy = { ...TEST_POLICY, fxMaxAgeMs: -1 };
    expect(await grant([makeHoldItem({ appId })], policy)).toBeUndefined();
  });

  it.each(['grant', 'jti'] as const)('is declined for a revoked %s only', async (kind) => {
    const appId = await openApp();
    const id = randomHex(12);
    const item = () => makeHoldItem({ appId, [kind === 'grant' ? 'grantId' : 'jti']: id });
    expect(await grant([item()])).toHaveLength(1);
    await books.setPrincipal(kind, id, appId, 'revoked');
    expect(await grant([item()])).toBeUndefined();
  });

  it('is declined for nonces that are taken, and for a payment granted before', async () => {
    const appId = await openApp();
    const recipientRandHash = randomHex(32);
    const first = makeHoldItem({ appId, recipientRandHash, nonceFrom: 5, numTickets: 10 });
    expect(await grant([first])).toHaveLength(1);
    const ask = (nonceFrom: number, numTickets: number) =>
      grant([makeHoldItem({ appId, recipientRandHash, nonceFrom, numTickets })]);
    expect(await ask(14, 1)).toBeUndefined();
    expect(await ask(1, 5)).toBeUndefined();
    expect(await grant([first])).toBeUndefined();
    expect(await ask(1, 4)).toHaveLength(1);
    expect(await ask(15, 1)).toHaveLength(1);
  });

  it('fails on another request for the same place, and a fork comes of it', async () => {
    const appId = await openApp();
    const place = { appId, stateId: randomHex(16), seq: 3 };
    expect(await grant([makeHoldItem(place)])).toHaveLength(1);
    await expect(grant([makeHoldItem(place)])).rejects.toMatchObject({ code: '23505' });
    expect(granted((await books.hold([makeHoldItem(place)]))[0]).forkNo).toBe(1);
  });

  it('keeps to the default limit of session credit, and to a cap of its own', async () => {
    const appId = await openApp();
    const limits = { ...TEST_POLICY.sessionCreditLimits, app: 100n };
    const policy = { ...TEST_POLICY, sessionCreditLimits: limits };
    const buy = (wei: bigint) => makeHoldItem({ appId, feeWei: 0n, ticketEvWei: wei });
    expect(await grant([buy(60n), buy(41n)], policy)).toBeUndefined();
    expect(await grant([buy(60n), buy(40n)], policy)).toHaveLength(2);
    expect(await grant([buy(1n)], policy)).toBeUndefined();
    const spends = makeHoldItem({ appId, feeWei: 10n, ticketEvWei: 0n });
    expect(await grant([spends], policy)).toHaveLength(1);
    const cap = { scope: 'app', scopeId: appId, metric: 'session_credit_wei' } as const;
    await putCaps(books, { appId, caps: [{ ...cap, period: 'day', limit: 150n }] });
    expect(await grant([buy(61n)], policy)).toBeUndefined();
    expect(await grant([buy(60n)], policy)).toHaveLength(1);
  });

  it.each(['day', 'month', 'total'] as const)('keeps to a cap of a %s', async (period) => {
    const appId = await openApp();
    const cap = { scope: 'app', scopeId: appId, metric: 'charge_micros', period } as const;
    await putCaps(books, { appId, caps: [{ ...cap, limit: 10n }] });
    const ask = (micros: bigint) => makeHoldItem({ appId, feeWei: fee(micros) });
    const [first] = (await grant([ask(4n)])) ?? [];
    await settleHolds(books, [settlementOf(granted(first))]);
    expect(await grant([ask(7n)])).toBeUndefined();
    expect(await grant([ask(6n)])).toHaveLength(1);
    await books.sql`
      update billing.caps set window_start = window_start - 40
      where app_id = ${appId} and period <> 'total'`;
    const freed = period === 'total' ? 0 : 1;
    expect((await grant([ask(4n)]))?.length ?? 0).toBe(freed);
    expect(await grant([ask(1n)])).toBeUndefined();
  });

  it('answers as the careful way does, whatever is asked', async () => {
    const ask = fc.record({
      micros: fc.bigInt({ min: 0n, max: 4n }),
      creditWei: fc.bigInt({ min: -3n, max: 3n }),
      place: fc.integer({ min: 0, max: 30 }),
      key: fc.constantFrom(undefined, 'a', 'b'),
      close: fc.constantFrom('no', 'settle', 'release'),
    });
    const batches = fc.array(fc.array(ask, { minLength: 1, maxLength: 6 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, async (asked) => {
        const ways = [false, true].map((rowByRow) => replay(books, asked, rowByRow));
        const [atOnce, careful] = await Promise.all(ways);
        expect(atOnce).toEqual(careful);
      }),
      { numRuns: 25 },
    );
  });
});

type Asked = {
  readonly micros: bigint;
  readonly creditWei: bigint;
  readonly place: number;
  readonly key: string | undefined;
  readonly close: string;
};

/** Asks for the same batches in an app of its own; what was answered, and where it all stands. */
async function replay(books: Books, batches: readonly (readonly Asked[])[], rowByRow: boolean) {
  const appId = `app_${randomHex(12)}`;
  await books.openApp(appId, 30n);
  const keys = { a: randomHex(8), b: randomHex(8) };
  for (const id of Object.values(keys)) await books.setPrincipal('key', id, appId);
  const cap = { scope: 'key', scopeId: keys.a, metric: 'charge_micros', period: 'day' } as const;
  await putCaps(books, { appId, caps: [{ ...cap, limit: 9n }] });
  const session = randomHex(16);
  const limits = { ...TEST_POLICY.sessionCreditLimits, app: 6n };
  const codes: string[] = [];
  for (const batch of batches) {
    const items = batch.map(({ micros, creditWei, place, key }) => {
      const feeWei = micros * WEI_PER_MICRO + 3n;
      const keyId = key === undefined ? {} : { keyId: keys[key as 'a' | 'b'] };
      const item = makeHoldItem({ appId, feeWei, ticketEvWei: feeWei + creditWei, ...keyId });
      const stateId = `${session}-${place}`;
      // Some places ask for the very same again, others are forks.
      const requestHash =
        place % 3 === 0 ? session.padEnd(64, place.toString(16)) : item.requestHash;
      const fixed = place % 3 === 0 ? { recipientRandHash: requestHash } : {};
      return { ...item, stateId, requestHash, ...fixed, rebuild: { ...item.rebuild, stateId } };
    });
    const policy = { sessionCreditLimits: limits };
    const answers = await books.hold(items, { policy, rowByRow });
    for (const [index, answer] of answers.entries()) {
      const fork = answer.ok ? ` ${answer.forkNo} ${answer.replayed}` : '';
      codes.push(`${codeOf(answer)}${fork}`);
      if (!answer.ok) continue;
      if (batch[index]?.close === 'settle') await settleHolds(books, [settlementOf(answer)]);
      if (batch[index]?.close === 'release') await releaseHolds(books, [answer.holdId]);
    }
  }
  const caps = await books.sql`
    select scope, metric, period, used, held, scope_id = ${keys.a} as is_a from billing.caps
    where app_id = ${appId} order by 1, 2, 3, 6`;
  return { codes, balance: await books.balance(appId), caps: [...caps] };
}
