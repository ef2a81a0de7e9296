import { connectDatabase, createLog, type Sql } from '@clearinghouse/shared';
import {
  createTestDatabase,
  createTestQueue,
  type TestDatabase,
  type TestQueue,
} from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RATE_BOUNDS } from '../limits.ts';
import { countRates } from './count-rates.ts';
import type { RateLimits } from './rate-limit.ts';

const RULE = 'sign_in_account';
const { points, windowSec } = RATE_BOUNDS[RULE];

describe.each(['postgres', 'redis'] as const)('rate limits over %s', (backend) => {
  let database: TestDatabase;
  let queue: TestQueue | undefined;
  let db: Sql;
  const opened: RateLimits[] = [];
  const log = createLog({ service: 'test', level: 'silent' });
  const open = (options: { redisUrl?: string; db?: Sql; factor?: number } = {}) => {
    const redisUrl = options.redisUrl ?? queue?.connection('auth').redisUrl;
    const nowMs = () => Date.now();
    const rates = countRates({
      db: options.db ?? db,
      log,
      redisUrl,
      nowMs,
      factor: options.factor ?? 1,
    });
    opened.push(rates);
    return rates;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    if (backend === 'redis') queue = await createTestQueue('redis');
    db = connectDatabase({ url: database.url('auth_app'), applicationName: 'test' });
  });
  afterAll(async () => {
    await Promise.all(opened.map((rates) => rates.stop()));
    await db.end();
    await database.drop();
    await queue?.stop();
  });

  /** Redis refuses until its connection stands; then the memory counter would answer. */
  const ready = async (rates: RateLimits) => {
    await expect.poll(() => rates.isShared()).toBe(true);
    return rates;
  };

  it('lets a rule’s points pass, refuses the next, and says when to come again', async () => {
    const rates = await ready(open());
    for (let used = 1; used <= points; used += 1) {
      const outcome = await rates.consume(RULE, 'alice');
      expect(outcome).toMatchObject({ ok: true, limit: points, remaining: points - used });
    }
    const over = await rates.consume(RULE, 'alice');
    if (over.ok) throw new Error('not refused');
    expect(over.remaining).toBe(0);
    expect(over.retryAfterSec).toBeGreaterThan(0);
    expect(over.retryAfterSec).toBeLessThanOrEqual(windowSec);
    expect((await rates.consume(RULE, 'bob')).ok).toBe(true);
    expect((await rates.consume('mail_account', 'alice')).ok).toBe(true);
  });

  it('counts more for a use that weighs more', async () => {
    const rates = await ready(open());
    expect((await rates.consume(RULE, 'heavy', points)).ok).toBe(true);
    expect((await rates.consume(RULE, 'heavy')).ok).toBe(false);
  });

  it('counts over all replicas', async () => {
    const [one, two] = [await ready(open()), await ready(open())];
    const turns = Array.from({ length: points + 1 }, (_, index) => (index % 2 ? one : two));
    const outcomes = await Promise.all(turns.map((rates) => rates.consume(RULE, 'shared')));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(points);
  });

  it('knows without asking who is beyond a rule; others it does not hold up', async () => {
    const rates = await ready(open());
    await rates.consume(RULE, 'loud', points + 1);
    expect(rates.peek(RULE, 'loud')).toMatchObject({ ok: false, remaining: 0 });
    expect(rates.peek(RULE, 'quiet')).toEqual({ ok: true });
    expect(rates.peek('mail_account', 'loud')).toEqual({ ok: true });
  });

  it('multiplies every bound by the operator’s factor', async () => {
    const rates = await ready(open({ factor: 2 }));
    expect((await rates.consume(RULE, 'generous', points * 2)).ok).toBe(true);
    expect((await rates.consume(RULE, 'generous')).ok).toBe(false);
  });

  it('K9: counts in memory while the shared counter is away: nothing is without a limit', async () => {
    const gone = connectDatabase({ url: database.url('auth_app'), applicationName: 'gone' });
    await gone.end();
    const rates = open({ db: gone, ...(backend === 'redis' ? { redisUrl: closedRedis } : {}) });
    expect((await rates.consume(RULE, 'outage', points)).ok).toBe(true);
    expect((await rates.consume(RULE, 'outage')).ok).toBe(false);
  });
});

/** Nothing listens on the port of `tcpmux`. */
const closedRedis = 'redis://127.0.0.1:1';
