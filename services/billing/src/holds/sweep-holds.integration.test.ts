import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  granted,
  openBooks,
  settlementOf,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { HOLD_STATE } from './hold.ts';
import { purgeHolds } from './purge-holds.ts';
import { recordWatermark } from './record-watermark.ts';
import { settleHolds } from './settle-holds.ts';
import { sweepHolds } from './sweep-holds.ts';

describe('the sweeper', () => {
  let books: Books;
  let appId: string;
  let replicaId: string;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    expect(await books.reconcile()).toEqual([]);
    await books.close();
  });

  const setUp = async () => {
    appId = `app_${randomHex(12)}`;
    replicaId = `signer-${randomHex(4)}`;
    await books.openApp(appId, 1_000n);
  };
  const hold = async (shape: Parameters<typeof makeHoldItem>[0] = {}) => {
    const item = makeHoldItem({ appId, feeWei: 10n * WEI_PER_MICRO, ...shape });
    // A hold is past its time as soon as it is made.
    const answers = await books.hold([item], { replicaId, policy: { holdTtlMs: -1 } });
    return { item, grant: granted(answers[0]) };
  };
  const sweep = (over: { replicaSilentAfterMs?: number; disputeKeptMs?: number } = {}) =>
    sweepHolds({
      sql: books.sql,
      accountIds: books.accountIds,
      replicaSilentAfterMs: 600_000,
      disputeKeptMs: 600_000,
      ...over,
    });
  const stateOf = async (holdId: string) => {
    const [row] = await books.sql<{ state: number }[]>`
      select state::int as state from billing.holds where id = ${holdId}`;
    return row?.state;
  };
  const closeUpTo = (grantsClosedUpTo: number, last = false, replica = replicaId) =>
    recordWatermark({ sql: books.sql }, { replicaId: replica, grantsClosedUpTo, last });

  it('leaves a hold alone before its time', async () => {
    await setUp();
    const item = makeHoldItem({ appId });
    const [answer] = await books.hold([item], { replicaId });
    await closeUpTo(100);
    await sweep();
    expect(await stateOf(granted(answer).holdId)).toBe(HOLD_STATE.open);
  });

  it('gives the money back when the journal is closed beyond the ask', async () => {
    await setUp();
    const { grant } = await hold({ askNo: 5 });
    await closeUpTo(4);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.open);
    await closeUpTo(5);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.expired);
    expect(await books.balance(appId)).toEqual({ posted: 1_000n, held: 0n });
  });

  it('gives the money back when the process is gone and its journal was acknowledged', async () => {
    await setUp();
    const { grant } = await hold({ askNo: 5 });
    await closeUpTo(0, true);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.expired);
  });

  it('never moves a watermark back', async () => {
    await setUp();
    await closeUpTo(9, true);
    await closeUpTo(3, false);
    const rows = await books.sql`
      select closed_up_to, is_last from billing.replica_watermarks
      where replica_id = ${replicaId}`;
    expect([...rows]).toEqual([{ closed_up_to: 9n, is_last: true }]);
  });

  it('settles a payment whose successor was asked for: the gateway got it', async () => {
    await setUp();
    const { item, grant } = await hold({ seq: 3, askNo: 5 });
    await books.hold([makeHoldItem({ appId, stateId: item.stateId, seq: 4, feeWei: 0n })]);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.settled);
    expect((await books.balance(appId)).posted).toBe(990n);
    expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['already']);
  });

  it('does not guess which fork was delivered', async () => {
    await setUp();
    const { item, grant } = await hold({ seq: 3 });
    await hold({ seq: 3, stateId: item.stateId });
    await books.hold([makeHoldItem({ appId, stateId: item.stateId, seq: 4, feeWei: 0n })]);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.open);
  });

  it('keeps the money of a silent signer, with an alarm, and settles when it speaks', async () => {
    await setUp();
    const { grant } = await hold({ askNo: 5 });
    await sweep({ replicaSilentAfterMs: 0 });
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.disputed);
    expect((await books.balance(appId)).held).toBe(10n);
    const alarms = await books.sql`
      select kind from billing.alarms where subject = ${replicaId}`;
    expect([...alarms]).toEqual([{ kind: 'hold_disputed' }]);
    expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['settled']);
    expect(await books.balance(appId)).toEqual({ posted: 990n, held: 0n });
  });

  it('gives a disputed hold back as soon as its journal is closed', async () => {
    await setUp();
    const { grant } = await hold({ askNo: 5 });
    await sweep({ replicaSilentAfterMs: 0 });
    await closeUpTo(5);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.expired);
  });

  it('gives a disputed hold back when its ticket can no longer be redeemed', async () => {
    await setUp();
    const { grant } = await hold({ askNo: 5 });
    await sweep({ replicaSilentAfterMs: 0, disputeKeptMs: 0 });
    await sweep({ replicaSilentAfterMs: 0 });
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.expired);
    expect(await settleHolds(books, [settlementOf(grant)])).toEqual(['late']);
    expect((await books.balance(appId)).posted).toBe(990n);
  });

  it('keeps the money of a disputed hold that is asked for again, and charges it once', async () => {
    await setUp();
    const { item, grant } = await hold({ askNo: 5 });
    await sweep({ replicaSilentAfterMs: 0 });
    const [again] = await books.hold([item], { replicaId: 'signer-new' });
    expect(granted(again)).toMatchObject({ holdId: grant.holdId, replayed: true });
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.open);
    expect((await books.balance(appId)).held).toBe(10n);
  });

  it('waits for every asker of a hold that was granted again', async () => {
    await setUp();
    const other = `signer-${randomHex(4)}`;
    const { item, grant } = await hold({ askNo: 5 });
    await books.hold([{ ...item, askNo: 8 }], { replicaId: other });
    await closeUpTo(5);
    await closeUpTo(7, false, other);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.open);
    await closeUpTo(8, false, other);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.expired);
  });

  it('takes the new asker of a hold that was given back', async () => {
    await setUp();
    const other = `signer-${randomHex(4)}`;
    const { item, grant } = await hold({ askNo: 5 });
    await closeUpTo(5);
    await sweep();
    await books.hold([{ ...item, askNo: 2 }], { replicaId: other, policy: { holdTtlMs: -1 } });
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.open);
    await closeUpTo(2, false, other);
    await sweep();
    expect(await stateOf(grant.holdId)).toBe(HOLD_STATE.expired);
  });

  it('judges more holds than one batch, past those that wait, from two processes', async () => {
    await setUp();
    await books.addCredit(appId, 10_000n);
    const items = Array.from({ length: 1_200 }, (_, index) =>
      makeHoldItem({ appId, feeWei: WEI_PER_MICRO, askNo: index < 600 ? 100 : 1 }),
    );
    await books.hold(items, { replicaId, policy: { holdTtlMs: -1 } });
    await closeUpTo(1);
    const counts = await Promise.all([sweep(), sweep()]);
    expect(counts.reduce((sum, { expire }) => sum + expire, 0)).toBe(600);
    expect((await books.balance(appId)).held).toBe(600n);
    await closeUpTo(100);
    await sweep();
    expect((await books.balance(appId)).held).toBe(0n);
  });

  it('purges what was closed long ago, and nothing that is open', async () => {
    await setUp();
    const { grant } = await hold({ askNo: 5 });
    const open = await hold({ askNo: 9 });
    await closeUpTo(5);
    await sweep();
    await books.sql`
      update billing.holds set created_at = created_at - interval '40 days'
      where app_id = ${appId}`;
    await purgeHolds({ sql: books.sql }, { retentionMs: 35 * 86_400_000 });
    expect(await stateOf(grant.holdId)).toBeUndefined();
    expect(await stateOf(open.grant.holdId)).toBe(HOLD_STATE.open);
  });
});
