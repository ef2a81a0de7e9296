import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerQueue } from './answer.ts';
import { type Ask, createAsker } from './ask.ts';
import type { QueueConnection } from './connect.ts';
import { connectAs, HAS_REDIS } from './fixtures/backends.ts';
import { type OwnRedis, startOwnRedis } from './fixtures/start-redis.ts';
import { waitUntil } from './fixtures/wait-until.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { listenQueue } from './listen.ts';
import { createTeller } from './tell.ts';

const schema = z.object({ n: z.number() });
const UNAVAILABLE = { ok: false, code: 'unavailable' };

describe.runIf(HAS_REDIS)('Redis that goes away and comes back', () => {
  let redis: OwnRedis;
  let signer: QueueConnection;
  let billing: QueueConnection;
  let ask: Ask<{ n: number }>;
  let heard: number[];

  const connect = () => {
    heard = [];
    signer = connectAs('signer', { redisUrl: redis.url });
    billing = connectAs('billing', { redisUrl: redis.url });
    answerQueue(billing, 'hold-request', { requestSchema: schema, handle: async (body) => body });
    listenQueue(billing, 'journal-watermark', {
      schema,
      handle: async ({ n }) => {
        heard.push(n);
      },
    });
    ask = createAsker(signer, 'hold-request', { replySchema: schema, timeoutMs: 1_000 });
  };
  const untilAnswered = () => waitUntil('an answer', async () => (await ask({ n: 1 })).ok);

  beforeEach(async () => {
    redis = await startOwnRedis();
  });
  afterEach(async () => {
    await Promise.all([signer.close(), billing.close()]);
    await redis.close();
  });

  it('is not needed to start: asks and tells are refused at once, then work', async () => {
    await redis.stop();
    connect();
    expect(await ask({ n: 1 })).toMatchObject(UNAVAILABLE);
    expect(await createTeller(signer, 'journal-watermark')({ n: 1 })).toMatchObject(UNAVAILABLE);
    await redis.start();
    await untilAnswered();
    expect(await createTeller(signer, 'journal-watermark')({ n: 2 })).toMatchObject({ ok: true });
    await waitUntil('the message is heard', () => heard.includes(2));
  });

  it('refuses asks while it is away and answers them again after, workers and all', async () => {
    connect();
    await untilAnswered();
    for (let round = 0; round < 2; round += 1) {
      await redis.stop();
      await waitUntil('the connection is lost', () => !signer.transport.isReady());
      const outcomes = await Promise.all(Array.from({ length: 500 }, (_, n) => ask({ n })));
      for (const outcome of outcomes) expect(outcome).toMatchObject(UNAVAILABLE);
      await redis.start();
      await untilAnswered();
    }
    await createTeller(signer, 'journal-watermark')({ n: 3 });
    await waitUntil('the message is heard', () => heard.includes(3));
  });

  it('dies under load: every ask is answered or refused by name', async () => {
    connect();
    await untilAnswered();
    let over = false;
    const codes = new Set<string>();
    const caller = async () => {
      while (!over) {
        const outcome = await ask({ n: 5 });
        codes.add(outcome.ok ? `ok ${outcome.value.n}` : outcome.code);
        // A refusal at once must not make the callers spin.
        if (!outcome.ok) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const callers = Array.from({ length: 32 }, caller);
    await redis.stop();
    await waitUntil('asks are refused', () => codes.has('unavailable'));
    await redis.start();
    await untilAnswered();
    over = true;
    await Promise.all(callers);
    for (const code of codes) expect(['ok 5', 'unavailable', 'hold_timeout']).toContain(code);
  });

  it('hangs: asks time out, what waits is bounded, and it goes on when it wakes', async () => {
    connect();
    await untilAnswered();
    redis.freeze();
    const asks = Array.from({ length: QUEUE_LIMITS.pendingAsksMax + 100 }, (_, n) => ask({ n }));
    const outcomes = await Promise.all(asks);
    const codes = outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.code));
    expect(codes.filter((code) => code === 'hold_timeout')).toHaveLength(
      QUEUE_LIMITS.pendingAsksMax,
    );
    expect(codes.filter((code) => code === 'unavailable')).toHaveLength(100);
    expect(await ask({ n: 1 })).toMatchObject(UNAVAILABLE);
    redis.thaw();
    await untilAnswered();
  });

  it('is away while a service closes: it closes all the same', async () => {
    connect();
    await untilAnswered();
    await redis.stop();
    await Promise.all([signer.close(), billing.close()]);
    expect(await ask({ n: 1 })).toMatchObject(UNAVAILABLE);
  });
});

describe.runIf(HAS_REDIS)('reply queues of dead processes', () => {
  it('are removed by the next process of the service, and those in use are not', async () => {
    const redis = await startOwnRedis();
    const billing = connectAs('billing', { redisUrl: redis.url });
    answerQueue(billing, 'hold-request', { requestSchema: schema, handle: async (body) => body });
    const asOne = async (replicaId: string) => {
      const connection = connectAs('signer', { redisUrl: redis.url }, { replicaId });
      const ask = createAsker(connection, 'hold-request', { replySchema: schema });
      await waitUntil('an answer', async () => (await ask({ n: 1 })).ok);
      const isKnown = () =>
        redis.admin.zscore('ch:reply-signer-known', `reply-signer-${replicaId}`);
      await waitUntil('it is known', async () => (await isKnown()) !== null);
      return connection;
    };
    const dead = await asOne('dead');
    await dead.close();
    const alive = await asOne('alive');
    const long = Date.now() - QUEUE_LIMITS.replyQueueStaleMs - 1;
    await redis.admin.zadd('ch:reply-signer-known', long, 'reply-signer-dead');
    expect(await redis.admin.keys('ch:reply-signer-dead:*')).not.toEqual([]);
    const next = await asOne('next');
    const left = () => redis.admin.keys('ch:reply-signer-dead:*');
    await waitUntil('nothing of it is left', async () => (await left()).length === 0);
    expect(await redis.admin.keys('ch:reply-signer-alive:*')).not.toEqual([]);
    expect(await redis.admin.zrange('ch:reply-signer-known', '0', '-1')).toEqual([
      'reply-signer-alive',
      'reply-signer-next',
    ]);
    await Promise.all([alive, next, billing].map((connection) => connection.close()));
    await redis.close();
  });
});
