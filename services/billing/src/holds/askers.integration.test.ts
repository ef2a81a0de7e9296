import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import { type Books, granted, openBooks } from '../testing/open-books.ts';
import { releaseHolds } from './release-holds.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks();
});
afterAll(async () => {
  await books.close();
});

for (const count of [1, 2, 5]) {
  it(`remembers every asker of ${count} holds that one batch opens again and gives twice`, async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 1_000_000n);
    const items = Array.from({ length: count }, () => makeHoldItem({ appId, seq: 1 }));
    const ids = (await books.hold(items, { rowByRow: true })).map((a) => granted(a).holdId);
    expect(await releaseHolds({ sql: books.sql }, ids)).toEqual(ids.map(() => 'released'));
    const second = items.map((item, i) => ({ ...item, askNo: 90_000 + i }));
    const third = items.map((item, i) => ({ ...item, askNo: 95_000 + i }));
    (await books.hold([...second, ...third], { rowByRow: true })).forEach(granted);
    const asks = await books.sql<{ id: string; ask_no: bigint }[]>`
      select id, ask_no from billing.holds where id = any(${ids}::uuid[])
      union all select hold_id, ask_no from billing.hold_askers where hold_id = any(${ids}::uuid[])
      order by ask_no`;
    expect(asks.map((a) => Number(a.ask_no))).toEqual([...second, ...third].map((i) => i.askNo));
  });
}
