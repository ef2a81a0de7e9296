import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject } from 'vitest';

/** A part of the run's Redis that no other test touches. */
export type TestRedis = {
  readonly url: string;
  /** First part of every key of this test: BullMQ's `prefix`. */
  readonly prefix: string;
  /** Removes the keys under the prefix; the whole server is never flushed, others use it. */
  readonly flush: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const SCAN_COUNT = 1_000;

/** True when the run has a Redis; without one the queue suites run on Postgres alone. */
export function hasRedis(): boolean {
  return inject('redisUrl') !== null;
}

/**
 * A prefix of one's own in the run's Redis. A test that flushes or kills the server takes
 * `startRedisServer` instead.
 *
 * @throws Error when the run has no Redis: ask `hasRedis` or `queueBackends` first.
 */
export function createTestRedis(): TestRedis {
  const url = inject('redisUrl');
  if (url === null) throw new Error('no Redis in this run: use queueBackends()');
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const flush = () => removeKeys(url, `${prefix}:*`);
  return { url, prefix, flush, stop: flush };
}

async function removeKeys(url: string, pattern: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    } while (cursor !== '0');
  } finally {
    redis.disconnect();
  }
}
