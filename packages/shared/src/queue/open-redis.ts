import { createRedisBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { QUEUE_LIMITS } from './limits.ts';
import type { OnFault, Transport } from './transport.ts';

const RECONNECT_STEP_MS = 50;
const RECONNECT_MAX_MS = 1_000;

/**
 * Opens Redis for BullMQ over two connections (a worker adds one of its own, to block on).
 * Both reconnect for ever. The producer's refuses commands while it is away, resends none, and
 * gives a silent server up after a while; so an ask fails at once and memory does not grow.
 */
export function openRedis(options: { url: string; prefix: string; onFault: OnFault }): Transport {
  const { url, prefix, onFault } = options;
  const base = {
    retryStrategy: (times: number) => Math.min(times * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
    socketTimeout: QUEUE_LIMITS.redisSilenceMaxMs,
    disableClientInfo: true,
  };
  const producer = new Redis(url, {
    ...base,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  });
  const worker = new Redis(url, { ...base, maxRetriesPerRequest: null });
  for (const client of [producer, worker]) client.on('error', onFault);
  return {
    backend: 'redis',
    factory: createRedisBackend,
    prefix,
    producerConnection: producer,
    workerConnection: worker,
    isReady: () => producer.status === 'ready',
    touchReplyQueue: (service, queueName, nowMs) =>
      touch(producer, `${prefix}:reply-${service}-known`, queueName, nowMs),
    close: async () => {
      producer.disconnect();
      worker.disconnect();
    },
  };
}

/**
 * A sorted set of reply queues by the time they were last read; the stale ones leave it. Its
 * name falls under the service's own pattern `reply-<service>-*`, so an ACL need not name it.
 */
async function touch(
  redis: Redis,
  key: string,
  queueName: string,
  nowMs: number,
): Promise<readonly string[]> {
  await redis.zadd(key, nowMs, queueName);
  const stale = await redis.zrangebyscore(key, 0, nowMs - QUEUE_LIMITS.replyQueueStaleMs);
  const claimed = await Promise.all(stale.map((name) => redis.zrem(key, name)));
  return stale.filter((_, index) => claimed[index] === 1);
}
