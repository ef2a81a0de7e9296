import { createLog } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { coalesceHolds } from './coalesce-holds.ts';
import { createHolds } from './create-holds.ts';
import { openHoldTerms } from './hold-terms.ts';
import { releaseHolds } from './release-holds.ts';
import { settleHolds } from './settle-holds.ts';

describe('races for one balance', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    expect(await books.reconcile()).toEqual([]);
    await books.close();
  });

  /** A billing process of its own: its pool and its coalescer. */
  const openProcess = () => {
    const sql = books.openPool('billing_app');
    const terms = openHoldTerms();
    return coalesceHolds({
      createHolds: (asks) => createHolds({ sql, policy: TEST_POLICY, terms }, asks),
      shards: 4,
      nowMs: Date.now,
      log: createLog({ service: 'test', level: 'silent' }),
    });
  };
  const deadlineAtMs = Date.now() + 600_000;

  it('grants exactly 5,000 of 20,000 holds at once from two processes', async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 5_000n);
    const processes = [openProcess(), openProcess()];
    const answers = await Promise.all(
      Array.from({ length: 20_000 }, (_, index) =>
        (processes[index % 2] as (typeof processes)[0]).request({
          replicaId: 'signer-a',
          items: [makeHoldItem({ appId, feeWei: WEI_PER_MICRO, askNo: index })],
          deadlineAtMs,
        }),
      ),
    );
    const codes = answers.map(([answer]) => codeOf(answer));
    expect(codes.filter((code) => code === 'granted')).toHaveLength(5_000);
    expect(codes.filter((code) => code === 'insufficient_balance')).toHaveLength(15_000);
    expect(await books.balance(appId)).toEqual({ posted: 5_000n, held: 5_000n });
    await Promise.all(processes.map((one) => one.close()));
  });

  it('gives one charge and 8 identical answers to one request at 8 processes', async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 5_000n);
    const processes = Array.from({ length: 4 }, openProcess);
    const item = makeHoldItem({ appId, feeWei: WEI_PER_MICRO });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (processes[index % 4] as (typeof processes)[0]).request({
          replicaId: `signer-${index}`,
          items: [item],
          deadlineAtMs,
        }),
      ),
    );
    const grants = answers.map(([answer]) => granted(answer));
    expect(new Set(grants.map(({ holdId }) => holdId)).size).toBe(1);
    expect((await books.balance(appId)).held).toBe(1n);
    await Promise.all(processes.map((one) => one.close()));
  });

  it('holds one place once when two apps ask for the very same at the same time', async () => {
    const apps = [`app_${randomHex(12)}`, `app_${randomHex(12)}`];
    for (const appId of apps) await books.openApp(appId, 5_000n);
    const processes = [openProcess(), openProcess()];
    const ask = async (which: number, item: ReturnType<typeof makeHoldItem>) => {
      const appId = apps[which] as string;
      const items = [{ ...item, principal: { ...item.principal, appId } }];
      const process = processes[which] as (typeof processes)[0];
      const [answer] = await process.request({ replicaId: 'signer-a', items, deadlineAtMs });
      return codeOf(answer);
    };
    // Remembered terms from here on: both processes grant at once.
    await Promise.all([0, 1].map((which) => ask(which, makeHoldItem({ feeWei: 0n }))));
    for (let round = 0; round < 40; round += 1) {
      const item = makeHoldItem({ feeWei: WEI_PER_MICRO });
      // Other nonces: only the place and the request are the same.
      const other = { ...item, recipientRandHash: randomHex(32) };
      const codes = await Promise.all([ask(0, item), ask(1, other)]);
      expect(codes.sort()).toEqual(['granted', 'invalid_request']);
    }
    await Promise.all(processes.map((one) => one.close()));
  });

  it('keeps the books while holds, settlements and releases run against each other', async () => {
    const apps = Array.from({ length: 3 }, () => `app_${randomHex(12)}`);
    for (const appId of apps) await books.openApp(appId, 400n);
    const processes = [openProcess(), openProcess()];
    const payments = Array.from({ length: 1_500 }, async (_, index) => {
      const [answer] = await (processes[index % 2] as (typeof processes)[0]).request({
        replicaId: 'signer-a',
        items: [makeHoldItem({ appId: apps[index % 3] as string, feeWei: WEI_PER_MICRO + 1n })],
        deadlineAtMs,
      });
      if (!answer?.ok) return codeOf(answer);
      if (index % 3 === 0) return (await releaseHolds(books, [answer.holdId]))[0];
      return (await settleHolds(books, [settlementOf(answer)]))[0];
    });
    const results = new Set(await Promise.all(payments));
    expect([...results].sort()).toEqual(['insufficient_balance', 'released', 'settled']);
    await Promise.all(processes.map((one) => one.close()));
  });

  it('holds nothing for an ask whose deadline has passed', async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 5_000n);
    const process = openProcess();
    const items = [makeHoldItem({ appId, feeWei: WEI_PER_MICRO })];
    const answers = await process.request({ replicaId: 'a', items, deadlineAtMs: Date.now() - 1 });
    expect(answers.map(codeOf)).toEqual(['unavailable']);
    expect((await books.balance(appId)).held).toBe(0n);
    await process.close();
  });

  it('answers malformed items on their own', async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 5_000n);
    const process = openProcess();
    const good = makeHoldItem({ appId });
    const items = [{ ...good, askNo: -1 }, good, 'text', null, { ...good, senderAddress: '0x1' }];
    const answers = await process.request({ replicaId: 'a', items, deadlineAtMs });
    expect(answers.map(codeOf)).toEqual([
      'invalid_request',
      'granted',
      'invalid_request',
      'invalid_request',
      'invalid_request',
    ]);
    await process.close();
  });
});
