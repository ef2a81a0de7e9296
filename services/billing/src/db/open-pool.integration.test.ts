import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase } from '@clearinghouse/shared';
import { createTestDatabase, type TestDatabase } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool } from './open-pool.ts';

const CALLERS = 24;
const STATEMENTS = 40;
const KILLS = 16;

describe('statements that are their own transaction, on sessions that are killed', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  it.each([
    ['short', 'x'],
    ['long', 'x'.repeat(2_000)],
  ])('are answered or refused, each of them, when they are %s', async (_name, text) => {
    const sql = openPool({ url: database.url('billing_app'), applicationName: 'own' });
    const admin = connectDatabase({
      url: database.superuserUrl,
      applicationName: 'killer',
      connectionsMax: 1,
    });
    let answered = 0;
    const callers = Array.from({ length: CALLERS }, async () => {
      for (let left = STATEMENTS; left > 0; ) {
        const answer = sql.unsafe('select pg_sleep(0.002), $1::text', [text], { prepare: true });
        const isAnswered = await answer.then(
          () => true,
          () => false,
        );
        if (isAnswered) left -= 1;
        if (isAnswered) answered += 1;
        else await sleep(5);
      }
    });
    const killer = kill(admin);
    await Promise.all(callers);
    expect(answered).toBe(CALLERS * STATEMENTS);
    expect(await killer.stop()).toBeGreaterThan(0);
    await sql.end({ timeout: 5 });
    await admin.end({ timeout: 5 });
  });
});

function kill(admin: ReturnType<typeof connectDatabase>) {
  let isStopped = false;
  const run = async () => {
    let kills = 0;
    while (!isStopped && kills < KILLS) {
      const rows = await admin`
        select pg_terminate_backend(pid) from pg_stat_activity
        where usename = 'billing_app' and datname = current_database()
          and xact_start is not null limit 2`;
      kills += rows.length;
      if (rows.length > 0) await sleep(50);
    }
    return kills;
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      return await running;
    },
  };
}
