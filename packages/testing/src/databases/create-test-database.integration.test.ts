import { connectDatabase, type Sql } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTestDatabase,
  createTestQueueDatabase,
  type TestDatabase,
} from './create-test-database.ts';

type Role = Parameters<TestDatabase['url']>[0];

describe('a test database', () => {
  let database: TestDatabase;
  let queue: TestDatabase;
  const pools: Sql[] = [];
  const open = (role: Role, where = database) => {
    const pool = connectDatabase({
      url: where.url(role),
      applicationName: 'test',
      connectionsMax: 1,
    });
    pools.push(pool);
    return pool;
  };

  beforeAll(async () => {
    [database, queue] = await Promise.all([createTestDatabase(), createTestQueueDatabase()]);
  });

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await Promise.all([database.drop(), queue.drop()]);
  });

  it('is migrated', async () => {
    const sql = open('billing_owner');
    const rows = await sql`select name from billing.migrations`;
    expect(rows.length).toBeGreaterThan(0);
  });

  it('is not seen by another test', async () => {
    const other = await createTestDatabase();
    const sql = open('billing_owner');
    await sql`create table billing.only_here (id int)`;
    const elsewhere = open('billing_owner', other);
    const rows = await elsewhere`select to_regclass('billing.only_here') as found`;
    expect(rows[0]?.found).toBeNull();
    await other.drop();
  });

  it.each<Role>(['queue_auth', 'queue_billing', 'queue_signer', 'queue_owner'])(
    'refuses %s: it has no CONNECT to money and identities',
    async (role) => {
      await expect(open(role)`select 1`).rejects.toMatchObject({ code: '42501' });
    },
  );

  it.each<Role>(['auth_app', 'billing_app', 'auth_owner', 'billing_owner'])(
    'refuses %s at the queue',
    async (role) => {
      await expect(open(role, queue)`select 1`).rejects.toMatchObject({ code: '42501' });
    },
  );

  it.each<[Role, string]>([
    ['auth_app', 'auth'],
    ['auth_app', 'identity'],
    ['auth_app', 'public'],
    ['billing_app', 'billing'],
    ['billing_app', 'public'],
    ['auth_owner', 'public'],
  ])('lets %s create nothing in %s', async (role, schema) => {
    const sql = open(role);
    await expect(sql`create table ${sql(schema)}.x (id int)`).rejects.toMatchObject({
      code: '42501',
    });
  });

  it.each<[Role, string]>([
    ['billing_app', 'auth'],
    ['auth_app', 'billing'],
    ['billing_owner', 'auth'],
    ['auth_owner', 'billing'],
  ])('keeps %s out of the schema %s', async (role, schema) => {
    const rows = await open(role)`select has_schema_privilege(${schema}, 'usage') as may`;
    expect(rows[0]?.may).toBe(false);
  });

  it.each<Role>(['queue_auth', 'queue_billing', 'queue_signer'])(
    'gives %s the rows of the queue and no DDL',
    async (role) => {
      const sql = open(role, queue);
      await expect(sql`select from bullmq.job`).resolves.toHaveLength(0);
      await expect(sql`create table bullmq.x (id int)`).rejects.toMatchObject({ code: '42501' });
    },
  );
});
