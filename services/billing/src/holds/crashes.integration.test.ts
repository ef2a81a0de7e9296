import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase, createLog, type GrantWire } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  openBooks,
  settlementOf,
  TEST_POLICY,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { coalesceHolds } from './coalesce-holds.ts';
import { createHolds } from './create-holds.ts';
import { openHoldTerms } from './hold-terms.ts';
import { settleHolds } from './settle-holds.ts';

const PAYMENTS = 600;
const KILLS = 8;
/** Longer than the driver's pauses between its first tries to connect again. */
const PAUSE_MS = 150;

describe('sessions of the database that are killed at any moment', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(async () => {
    await books.close();
  });

  it('lose no payment and charge none twice, when callers ask again', async () => {
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 1_000_000n);
    const sql = books.openPool('billing_app');
    const terms = openHoldTerms();
    const coalescer = coalesceHolds({
      createHolds: (asks) => createHolds({ sql, policy: TEST_POLICY, terms }, asks),
      shards: 4,
      nowMs: Date.now,
      log: createLog({ service: 'test', level: 'silent' }),
    });
    const accountIds = new Map<string, bigint>();
    let refusals = 0;
    const hold = async (item: ReturnType<typeof makeHoldItem>): Promise<GrantWire> => {
      for (;;) {
        const deadlineAtMs = Date.now() + 60_000;
        const request = { replicaId: 'signer-a', items: [item], deadlineAtMs };
        const [answer] = await coalescer.request(request);
        if (answer?.ok) return answer;
        if (answer?.code !== 'unavailable') throw new Error(`refused: ${answer?.code}`);
        refusals += 1;
        await sleep(5);
      }
    };
    const settle = async (grant: GrantWire): Promise<void> => {
      for (;;) {
        try {
          const [result] = await settleHolds({ sql, accountIds }, [settlementOf(grant)]);
          expect(['settled', 'already']).toContain(result);
          return;
        } catch {
          refusals += 1;
          await sleep(5);
        }
      }
    };
    const killer = startKiller(books);
    const pending = Array.from({ length: PAYMENTS }, (_, index) =>
      makeHoldItem({ appId, feeWei: 3n * WEI_PER_MICRO, askNo: index }),
    );
    const callers = Array.from({ length: 24 }, async () => {
      for (let item = pending.pop(); item; item = pending.pop()) await settle(await hold(item));
    });
    await Promise.all(callers);
    const kills = await killer.stop();
    await coalescer.close();
    expect(kills).toBeGreaterThan(0);
    expect(refusals).toBeGreaterThan(0);
    expect(await books.balance(appId)).toEqual({
      posted: 1_000_000n - 3n * BigInt(PAYMENTS),
      held: 0n,
    });
    const [row] = await books.sql<{ events: bigint }[]>`
      select count(*) as events from billing.usage_events where app_id = ${appId}`;
    expect(row?.events).toBe(BigInt(PAYMENTS));
    expect(await books.reconcile()).toEqual([]);
  });
});

/** Kills sessions of the service that are in a transaction. */
function startKiller(books: Books): { stop: () => Promise<number> } {
  const admin = connectDatabase({
    url: books.database.superuserUrl,
    applicationName: 'killer',
    connectionsMax: 1,
  });
  let stopped = false;
  const run = async () => {
    let kills = 0;
    while (!stopped && kills < KILLS) {
      const rows = await admin`
        select pg_terminate_backend(pid) from pg_stat_activity
        where usename = 'billing_app' and datname = current_database()
          and xact_start is not null limit 2`;
      kills += rows.length;
      if (rows.length > 0) await sleep(PAUSE_MS);
    }
    return kills;
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      const kills = await running;
      await admin.end({ timeout: 5 });
      return kills;
    },
  };
}
