import type { Logger, Sql } from '@clearinghouse/shared';
import { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterStoreAbstract,
} from 'rate-limiter-flexible';
import { RATE_BOUNDS } from '../limits.ts';
import type { RateBound, RateLimits, RateOutcome, RateRule } from './rate-limit.ts';

/** Keys of Redis under which this service counts; its ACL names them. */
export const RATE_KEY_PREFIX = 'rate:auth';
/** Keys that are known to be beyond a rule; more than this and the oldest are asked for again. */
const BLOCKED_MAX = 20_000;
const KEY_CHARS_MAX = 200;
/** Different bounds that apps have set for their keys. */
const OWN_BOUNDS_MAX = 1_000;
const REDIS_TIMEOUT_MS = 500;
const RECONNECT_MAX_MS = 1_000;

export type CountRatesDeps = {
  readonly db: Sql;
  readonly log: Logger;
  readonly redisUrl: string | undefined;
  readonly nowMs: () => number;
  /** Multiplies every bound. */
  readonly factor: number;
};

/**
 * Opens the counters: in Redis when there is one, else in Postgres. A counter that cannot be
 * reached is replaced by one in memory for as long, so that nothing is unlimited and nobody is
 * locked out by an outage.
 */
export function countRates(deps: CountRatesDeps): RateLimits {
  const { log, redisUrl, nowMs } = deps;
  const redis = redisUrl === undefined ? undefined : openRedis(redisUrl, log);
  const limiters = new Map<RateRule, RateLimiterStoreAbstract>();
  for (const [rule, bound] of Object.entries(RATE_BOUNDS) as [RateRule, RateBound][]) {
    limiters.set(rule, createLimiter(rule, scaled(bound, deps.factor), deps.db, redis));
  }
  const own = new Map<string, RateLimiterStoreAbstract>();
  const blocked = new Map<string, number>();
  const block = (name: string, untilMs: number) => {
    const oldest = blocked.keys().next().value;
    if (blocked.size >= BLOCKED_MAX && oldest !== undefined) blocked.delete(oldest);
    blocked.set(name, untilMs);
  };
  const boundOf = (rule: RateRule) => scaled(RATE_BOUNDS[rule], deps.factor);
  return {
    consume: async (rule, key, points = 1) => {
      const limiter = limiters.get(rule);
      if (!limiter) throw new Error(`no bound for ${rule}`);
      const name = key.slice(0, KEY_CHARS_MAX);
      const outcome = await consume(limiter, name, points, boundOf(rule));
      if (!outcome.ok) block(`${rule}:${name}`, nowMs() + outcome.retryAfterSec * 1000);
      return outcome;
    },
    consumeBound: (bound, key) => {
      const name = `own:${bound.points}:${bound.windowSec}`;
      let limiter = own.get(name);
      if (!limiter) {
        if (own.size >= OWN_BOUNDS_MAX) own.clear();
        limiter = createLimiter(name, bound, deps.db, redis);
        own.set(name, limiter);
      }
      return consume(limiter, key.slice(0, KEY_CHARS_MAX), 1, bound);
    },
    peek: (rule, key) => {
      const name = `${rule}:${key.slice(0, KEY_CHARS_MAX)}`;
      const untilMs = blocked.get(name);
      if (untilMs === undefined) return { ok: true };
      if (untilMs > nowMs()) return over(boundOf(rule), untilMs - nowMs());
      blocked.delete(name);
      return { ok: true };
    },
    isShared: () => redis === undefined || redis.status === 'ready',
    stop: async () => redis?.disconnect(),
  };
}

async function consume(
  limiter: RateLimiterStoreAbstract,
  key: string,
  points: number,
  bound: RateBound,
): Promise<RateOutcome> {
  try {
    const left = await limiter.consume(key, points);
    const resetSec = Math.ceil(left.msBeforeNext / 1000);
    return { ok: true, limit: bound.points, remaining: left.remainingPoints, resetSec };
  } catch (thrown) {
    if (thrown instanceof RateLimiterRes) return over(bound, thrown.msBeforeNext);
    throw thrown;
  }
}

function over(bound: RateBound, waitMs: number): RateOutcome {
  const retryAfterSec = Math.max(1, Math.ceil(waitMs / 1000));
  return { ok: false, retryAfterSec, limit: bound.points, remaining: 0, resetSec: retryAfterSec };
}

function scaled(bound: RateBound, factor: number): RateBound {
  return { ...bound, points: Math.max(1, Math.round(bound.points * factor)) };
}

function createLimiter(
  rule: string,
  bound: RateBound,
  db: Sql,
  redis: Redis | undefined,
): RateLimiterStoreAbstract {
  const options = { points: bound.points, duration: bound.windowSec };
  const keyPrefix = `${RATE_KEY_PREFIX}:${rule}`;
  const shared = {
    ...options,
    keyPrefix,
    insuranceLimiter: new RateLimiterMemory({ ...options, keyPrefix }),
  };
  if (redis) {
    return new RateLimiterRedis({ ...shared, storeClient: redis, rejectIfRedisNotReady: true });
  }
  return new RateLimiterPostgres({
    ...shared,
    storeClient: asPgClient(db),
    storeType: 'client',
    schemaName: 'auth',
    tableName: 'rate_counters',
    // A migration made the table, and the purge empties it.
    tableCreated: true,
    clearExpiredByTimeout: false,
  });
}

/** The one method that the Postgres counter calls of its driver, over ours. */
function asPgClient(db: Sql) {
  return {
    query: async ({ text, values }: { text: string; values?: readonly unknown[] }) => {
      const found = await db.unsafe(text, [...(values ?? [])] as never[], { prepare: true });
      const rows = found.map((row) => ({ ...row, expire: Number(row.expire) }));
      return { rows, rowCount: found.count };
    },
  };
}

function openRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    // A counter that is away is replaced at once; nothing waits for it.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: REDIS_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(times * 50, RECONNECT_MAX_MS),
    disableClientInfo: true,
  });
  let isAway = false;
  redis.on('ready', () => {
    isAway = false;
  });
  redis.on('error', (err: unknown) => {
    if (!isAway) log.warn({ err }, 'rate counters are away; each replica counts by itself');
    isAway = true;
  });
  return redis;
}
