import { readProcessIdentity } from '@clearinghouse/embedded';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { findRedisProgram, type RedisServer } from '../servers/run-redis-server.ts';
import { createTestQueue, queueBackends } from './create-test-queue.ts';
import { createTestRedis, hasRedis } from './create-test-redis.ts';
import { startRedisServer } from './start-redis-server.ts';

const clients: Redis[] = [];
const connect = (url: string) => {
  const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

describe.runIf(hasRedis())('a prefix in the Redis of the run', () => {
  it('is flushed without touching another one', async () => {
    const [mine, theirs] = [createTestRedis(), createTestRedis()];
    const redis = connect(mine.url);
    await redis.mset(`${mine.prefix}:a`, '1', `${theirs.prefix}:a`, '2');
    await mine.flush();
    expect(await redis.mget(`${mine.prefix}:a`, `${theirs.prefix}:a`)).toEqual([null, '2']);
    await theirs.stop();
    expect(await redis.exists(`${theirs.prefix}:a`)).toBe(0);
  });

  it('never loses a key to eviction', async () => {
    const policy = await connect(createTestRedis().url).config('GET', 'maxmemory-policy');
    expect(policy).toEqual(['maxmemory-policy', 'noeviction']);
  });
});

describe.runIf(findRedisProgram() !== undefined)("a Redis of the test's own", () => {
  let server: RedisServer;
  afterEach(() => server.stop());

  it('comes back with its data after a kill', async () => {
    server = await startRedisServer();
    const pid = server.pid();
    const client = connect(server.url);
    await client.config('SET', 'appendfsync', 'always');
    await client.set('kept', 'yes');
    await server.kill();
    expect(readProcessIdentity(pid)).toBeUndefined();
    await server.restart();
    expect(server.pid()).not.toBe(pid);
    expect(await connect(server.url).get('kept')).toBe('yes');
  });

  it('hangs while it is paused, and goes on', async () => {
    server = await startRedisServer();
    const client = connect(server.url);
    await client.ping();
    server.pause();
    let answered = false;
    const answer = client.ping().then((text) => {
      answered = true;
      return text;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answered).toBe(false);
    server.resume();
    expect(await answer).toBe('PONG');
  });

  it('can be stopped while it is paused', async () => {
    server = await startRedisServer();
    const pid = server.pid();
    server.pause();
    await server.stop();
    expect(readProcessIdentity(pid)).toBeUndefined();
  });
});

describe('a queue for tests', () => {
  it('exists on Postgres always, and on Redis when the run has one', () => {
    expect(queueBackends()).toEqual(hasRedis() ? ['redis', 'postgres'] : ['postgres']);
  });

  it('gives each service its own role on Postgres', async () => {
    const queue = await createTestQueue('postgres');
    const roles = (['auth', 'billing', 'signer'] as const).map(
      (service) => new URL(queue.connection(service).postgresUrl ?? '').username,
    );
    expect(roles).toEqual(['queue_auth', 'queue_billing', 'queue_signer']);
    await queue.stop();
  });
});
