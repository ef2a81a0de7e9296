import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerQueue } from './answer.ts';
import { createAsker } from './ask.ts';
import { connectAs } from './fixtures/backends.ts';
import { createQueueDatabase, type QueueDatabase } from './fixtures/create-queue-database.ts';
import { waitUntil } from './fixtures/wait-until.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { listenQueue } from './listen.ts';
import { migrateQueue } from './open-postgres.ts';
import { createTeller } from './tell.ts';

const schema = z.object({ n: z.number() });

describe('Postgres as a role that may work and not build', () => {
  const role = `queue_user_${randomBytes(4).toString('hex')}`;
  let database: QueueDatabase;
  let url: string;
  let lines: string[];

  beforeAll(async () => {
    lines = [];
    database = await createQueueDatabase();
    await database.query(`create role ${role} login password 'secret'`);
    await migrateQueue({ postgresUrl: database.url, grantTo: [role] });
    url = database.urlOf(role, 'secret');
  });
  afterAll(async () => {
    await database?.query(`drop owned by ${role}; drop role ${role}`);
    await database?.drop();
  });

  it('asks, answers, tells, listens and removes dead reply queues', async () => {
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const log = pino({ level: 'warn' }, sink);
    const stale = Date.now() - QUEUE_LIMITS.replyQueueStaleMs - 60_000;
    await database.query(`insert into bullmq.event (queue, event, created_at_ms)
      values ('reply-signer-dead', 'added', ${stale}), ('reply-auth-dead', 'added', ${stale})`);
    const signer = connectAs('signer', { postgresUrl: url }, { log });
    const billing = connectAs('billing', { postgresUrl: url }, { log });
    let heard = 0;
    answerQueue(billing, 'hold-request', { requestSchema: schema, handle: async (body) => body });
    listenQueue(billing, 'journal-watermark', {
      schema,
      handle: async () => {
        heard += 1;
        if (heard === 1) throw new Error('again');
      },
    });
    const ask = createAsker(signer, 'hold-request', { replySchema: schema });
    expect(await ask({ n: 4 })).toEqual({ ok: true, value: { n: 4 } });
    expect(await createTeller(signer, 'journal-watermark')({ n: 1 })).toMatchObject({ ok: true });
    await waitUntil('the message is heard twice', () => heard === 2);
    const names = async () => {
      const { rows } = await database.query(
        "select distinct queue from bullmq.event where queue like 'reply-%-dead'",
      );
      return rows.map((row) => row.queue);
    };
    await waitUntil('the dead reply queue is gone', async () => (await names()).length === 1);
    expect(await names()).toEqual(['reply-auth-dead']);
    await Promise.all([signer.close(), billing.close()]);
    expect(lines.filter((line) => line.includes('permission denied'))).toEqual([]);
  });

  it('may not change the tables', async () => {
    const connection = connectAs('signer', { postgresUrl: url }, { migrate: true });
    const other = await createQueueDatabase();
    await expect(
      migrateQueue({ postgresUrl: other.urlOf(role, 'secret'), grantTo: [role] }),
    ).rejects.toThrow('permission denied');
    expect(await createTeller(connection, 'journal-watermark')({ n: 1 })).toMatchObject({
      ok: false,
      code: 'unavailable',
    });
    await Promise.all([connection.close(), other.drop()]);
  });

  it('is not granted to a role whose name is not plain', async () => {
    await expect(
      migrateQueue({ postgresUrl: database.url, grantTo: ['x; drop table job'] }),
    ).rejects.toThrow('plain');
  });

  it('waits for tables that are not there yet', async () => {
    const name = `late_${randomBytes(4).toString('hex')}`;
    await database.query(`create database ${name}`);
    const late = new URL(database.url);
    late.pathname = `/${name}`;
    const signer = connectAs('signer', { postgresUrl: late.href });
    const billing = connectAs('billing', { postgresUrl: late.href });
    answerQueue(billing, 'hold-request', { requestSchema: schema, handle: async (body) => body });
    const ask = createAsker(signer, 'hold-request', { replySchema: schema, timeoutMs: 500 });
    expect(await ask({ n: 1 })).toMatchObject({ ok: false });
    await migrateQueue({ postgresUrl: late.href });
    await waitUntil('an answer', async () => (await ask({ n: 1 })).ok);
    await Promise.all([signer.close(), billing.close()]);
    await database.query(`drop database ${name} with (force)`);
  });
});
