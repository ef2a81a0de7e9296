import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import { type Books, codeOf, openBooks, PRICE_E8 } from '../testing/open-books.ts';
import { refreshRate } from './refresh-rate.ts';

describe('the price of ether', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    await books.close();
  });

  const observe = (priceE8: bigint, acceptJump = false, observedAtMs = Date.now()) =>
    refreshRate({
      sql: books.sql,
      source: async () => ({ priceE8, source: 'test', observedAtMs }),
      acceptJump,
    });
  const latest = async () => {
    const [row] = await books.sql<{ price_e8: string }[]>`
      select price_e8 from billing.fx_rates order by id desc limit 1`;
    return BigInt(row?.price_e8 ?? 0);
  };

  it.each([0n, -1n])('is never %s', async (priceE8) => {
    const before = await latest();
    expect(await observe(priceE8)).toMatchObject({ ok: false, code: 'fx_stale' });
    expect(await latest()).toBe(before);
  });

  it.each([
    ['up', PRICE_E8 * 10n],
    ['down', PRICE_E8 / 10n],
  ])('does not jump ten times %s, and raises an alarm', async (_name, priceE8) => {
    await observe(PRICE_E8, true);
    expect(await observe(priceE8)).toMatchObject({ ok: false, detail: 'jump' });
    expect(await latest()).toBe(PRICE_E8);
    const alarms = await books.sql`
      select kind from billing.alarms where subject = 'test' and cleared_at is null`;
    expect([...alarms]).toEqual([{ kind: 'price_refused' }]);
  });

  it('moves below that, and jumps when the operator says so', async () => {
    await observe(PRICE_E8, true);
    expect((await observe(PRICE_E8 * 10n - 1n)).ok).toBe(true);
    expect((await observe(PRICE_E8 / 100n, true)).ok).toBe(true);
    await observe(PRICE_E8, true);
  });

  it('is stale by the time it was observed, not by the time it was stored', async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 1_000n);
    await observe(PRICE_E8, true, Date.now() - 60_000);
    const ask = async (fxMaxAgeMs: number) =>
      codeOf((await books.hold([makeHoldItem({ appId })], { policy: { fxMaxAgeMs } }))[0]);
    expect(await ask(30_000)).toBe('fx_stale');
    expect(await ask(90_000)).toBe('granted');
  });

  it('has no hold before the first one', async () => {
    const empty = await openBooks();
    const appId = `app_${randomHex(12)}`;
    await empty.openApp(appId, 1_000n);
    const owner = empty.openPool('billing_owner');
    await owner`delete from billing.fx_rates`;
    expect(codeOf((await empty.hold([makeHoldItem({ appId })]))[0])).toBe('fx_stale');
    await empty.close();
  });
});
