import { randomBytes } from 'node:crypto';
import { connectDatabase, createLog, type Sql } from '@clearinghouse/shared';
import { createTestDatabase, type TestDatabase, waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { type ClientCache, createClientCache } from './client-cache.ts';

describe('clients that a replica keeps', () => {
  let database: TestDatabase;
  let db: Sql;
  let admin: Sql;
  let nowMs = 0;
  let cache: ClientCache;

  beforeAll(async () => {
    database = await createTestDatabase();
    const open = (applicationName: string) =>
      connectDatabase({ url: database.url('auth_app'), applicationName, connectionsMax: 4 });
    db = open('replica');
    admin = open('elsewhere');
    const log = createLog({ service: 'test', level: 'silent' });
    cache = createClientCache({ db, log, nowMs: () => nowMs });
    await waitFor(() => isKept(), { what: 'the first notice to be heard' });
  });
  afterAll(async () => {
    await cache.stop();
    await Promise.all([db.end(), admin.end()]);
    await database.drop();
  });

  const newClient = async () => {
    const id = randomBytes(12).toString('hex');
    await admin`insert into auth.apps (id, name) values (${`app_${id}`}, 'a')`;
    await admin`
      insert into auth.clients (id, app_id, kind, name)
      values (${`m2m_${id}`}, ${`app_${id}`}, 'machine', 'first')`;
    return { id: `m2m_${id}`, appId: `app_${id}` };
  };
  /** A kept client is the same object the next time. */
  const isKept = async () => {
    const { id } = await newClient();
    const first = await cache.find(id);
    return (await cache.find(id)) === first;
  };
  const becomes = (
    id: string,
    isSo: (client: Awaited<ReturnType<ClientCache['find']>>) => boolean,
  ) => waitFor(async () => isSo(await cache.find(id)), { what: `a change of ${id}` });

  it('are read once', async () => {
    const { id } = await newClient();
    // Once the notices of what was just made have come.
    const isReadOnce = async () => {
      const first = await cache.find(id);
      return (await cache.find(id)) === first;
    };
    expect(await waitFor(isReadOnce)).toBe(true);
  });

  it.each([
    [
      'the client',
      (id: string) => admin`update auth.clients set status = 'revoked' where id = ${id}`,
    ],
    [
      'a secret',
      (id: string) => admin`
        insert into auth.client_secrets (client_id, slot, secret_sha256)
        values (${id}, 1, ${Buffer.alloc(32, 1)})`,
    ],
    [
      'the app',
      (id: string) => admin`
        update auth.apps set status = 'suspended'
        where id = (select app_id from auth.clients where id = ${id})`,
    ],
  ] as const)(
    'are dropped when another replica changes %s, with no clock running',
    async (_what, change) => {
      const { id } = await newClient();
      const before = await cache.find(id);
      await change(id);
      await becomes(id, (client) => client !== before);
      const now = await cache.find(id);
      expect([now?.status, now?.appStatus, now?.secrets.length]).not.toEqual([
        before?.status,
        before?.appStatus,
        before?.secrets.length,
      ]);
    },
  );

  it('are never believed for longer than five seconds', async () => {
    const { id } = await newClient();
    await becomes(id, (client) => client !== undefined);
    const first = await cache.find(id);
    nowMs += LIMITS.clientKeptMs;
    expect(await cache.find(id)).not.toBe(first);
    expect(LIMITS.clientKeptMs).toBeLessThanOrEqual(5_000);
  });

  it('an unknown one is asked for each time, and found once it is there', async () => {
    const id = `m2m_${randomBytes(12).toString('hex')}`;
    expect(await cache.find(id)).toBeUndefined();
    const { appId } = await newClient();
    await admin`
      insert into auth.clients (id, app_id, kind, name)
      values (${id}, ${appId}, 'machine', 'late')`;
    expect((await cache.find(id))?.name).toBe('late');
  });
});
