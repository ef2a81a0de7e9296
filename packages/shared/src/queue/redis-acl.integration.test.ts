import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerQueue } from './answer.ts';
import { createAsker } from './ask.ts';
import type { QueueConnection } from './connect.ts';
import { connectAs, HAS_REDIS } from './fixtures/backends.ts';
import { type OwnRedis, startOwnRedis } from './fixtures/start-redis.ts';
import { waitUntil } from './fixtures/wait-until.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { listenQueue } from './listen.ts';
import { QUEUES, SERVICE_NAMES, type ServiceName } from './queues.ts';
import { createTeller } from './tell.ts';

// The table of this folder's README, as an ACL; the installation's own is made the same way.
const COMMANDS =
  '+@read +@write +@blocking +@scripting +@connection +@transaction +info -@dangerous +info';
const KEYS: Record<ServiceName, readonly string[]> = {
  signer: [
    'ch:hold-request:*',
    'ch:usage-settle:*',
    'ch:hold-release:*',
    'ch:chain-events:*',
    'ch:price-read:*',
    'ch:credential-verify:*',
    'ch:journal-watermark:*',
    'ch:identity-changed-signer:*',
    'ch:reply-signer-*',
  ],
  billing: [
    'ch:hold-request:*',
    'ch:usage-settle:*',
    'ch:hold-release:*',
    'ch:chain-events:*',
    'ch:price-read:*',
    'ch:journal-watermark:*',
    'ch:identity-changed-billing:*',
    'ch:reply-signer-*',
  ],
  auth: [
    'ch:credential-verify:*',
    'ch:identity-changed-billing:*',
    'ch:identity-changed-signer:*',
    'ch:reply-signer-*',
  ],
};
const schema = z.object({ n: z.number() });

describe.runIf(HAS_REDIS)('Redis with an ACL user a service', () => {
  let redis: OwnRedis;
  let services: Record<ServiceName, QueueConnection>;
  let lines: string[];

  const aclOf = (service: ServiceName) => {
    const keys = KEYS[service].map((key) => `~${key}`).join(' ');
    return `user ${service} on >${service}-secret resetchannels ${keys} ${COMMANDS}`;
  };
  const clientOf = (service: ServiceName) => new Redis(redis.urlOf(service, `${service}-secret`));

  beforeAll(async () => {
    lines = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    redis = await startOwnRedis({ acl: SERVICE_NAMES.map(aclOf) });
    const connect = (service: ServiceName) =>
      connectAs(
        service,
        { redisUrl: redis.urlOf(service, `${service}-secret`) },
        { log: pino({ level: 'warn' }, sink) },
      );
    services = { auth: connect('auth'), billing: connect('billing'), signer: connect('signer') };
    await waitUntil('all are connected', () =>
      Object.values(services).every(({ transport }) => transport.isReady()),
    );
  });
  afterAll(async () => {
    await Promise.all(Object.values(services ?? {}).map((service) => service.close()));
    await redis?.close();
  });

  it('every queue works, and no command is refused', async () => {
    for (const [name, queue] of Object.entries(QUEUES)) {
      const queueName = name as keyof typeof QUEUES;
      let heard = 0;
      const handle = async (body: { n: number }) => {
        heard += 1;
        return body;
      };
      const sender = services[queue.from[0]];
      if (queue.kind === 'ask') {
        const asked = queueName as 'hold-request';
        answerQueue(services[queue.to], asked, { requestSchema: schema, handle });
        const ask = createAsker(sender, asked, { replySchema: schema });
        expect(await ask({ n: 1 })).toEqual({ ok: true, value: { n: 1 } });
      } else {
        const told = queueName as 'journal-watermark';
        listenQueue(services[queue.to], told, {
          schema,
          handle: async (body) => {
            await handle(body);
            if (heard === 1) throw new Error('again');
          },
        });
        expect(await createTeller(sender, told)({ n: 1 })).toMatchObject({ ok: true });
        await waitUntil(`${name} is heard twice`, () => heard === 2);
      }
    }
    expect(lines.filter((line) => line.includes('NOPERM'))).toEqual([]);
    expect(await redis.admin.acl('LOG')).toEqual([]);
  });

  it('a signer may remove reply queues of its dead processes', async () => {
    const long = Date.now() - QUEUE_LIMITS.replyQueueStaleMs - 1;
    await redis.admin.hset('ch:reply-signer-dead:meta', 'x', '1');
    await redis.admin.zadd('ch:reply-signer-known', long, 'reply-signer-dead');
    const next = connectAs('signer', { redisUrl: redis.urlOf('signer', 'signer-secret') });
    createAsker(next, 'hold-request', { replySchema: schema });
    await waitUntil(
      'it is removed',
      async () => (await redis.admin.exists('ch:reply-signer-dead:meta')) === 0,
    );
    await next.close();
  });

  it.each([
    ['signer', 'ch:identity-changed-billing:wait'],
    ['billing', 'ch:credential-verify:wait'],
    ['billing', 'ch:identity-changed-signer:wait'],
    ['auth', 'ch:hold-request:wait'],
    ['auth', 'ch:usage-settle:wait'],
    ['auth', 'rate-limit:1.2.3.4'],
  ] as const)('the %s may not touch %s', async (service, key) => {
    const client = clientOf(service);
    await expect(client.lpush(key, 'x')).rejects.toThrow('NOPERM');
    await expect(client.lrange(key, 0, -1)).rejects.toThrow('NOPERM');
    client.disconnect();
  });

  it.each(SERVICE_NAMES)('the %s may not administer the server', async (service) => {
    const client = clientOf(service);
    await expect(client.flushall()).rejects.toThrow('NOPERM');
    await expect(client.keys('*')).rejects.toThrow('NOPERM');
    await expect(client.config('GET', '*')).rejects.toThrow('NOPERM');
    await expect(client.call('ACL', 'LIST')).rejects.toThrow('NOPERM');
    client.disconnect();
  });
});
