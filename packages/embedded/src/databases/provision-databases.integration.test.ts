import { randomBytes } from 'node:crypto';
import { createTestDatabase, createTestQueueDatabase } from '@clearinghouse/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { connectSuperuser, withDatabase } from './connect-superuser.ts';
import { provisionDatabases } from './provision-databases.ts';

type TestDatabase = Awaited<ReturnType<typeof createTestDatabase>>;

let main: TestDatabase;
let queue: TestDatabase;

beforeAll(async () => {
  [main, queue] = await Promise.all([createTestDatabase(), createTestQueueDatabase()]);
});
afterAll(() => Promise.all([main.drop(), queue.drop()]));

const provision = (passwords: Readonly<Record<string, string>>) =>
  provisionDatabases({
    superuserUrl: inject('postgres').superuserUrl,
    passwords,
    databases: { main: main.name, queue: queue.name },
  });

it('may run again on databases with data, and twice at once', async () => {
  const owner = connectSuperuser(main.url('billing_owner'));
  await owner`create table billing.kept as select 7 as id`;
  const { rolePasswords } = inject('postgres');
  await Promise.all([provision(rolePasswords), provision(rolePasswords)]);
  expect([...(await owner`select id from billing.kept`)]).toEqual([{ id: 7 }]);
  await owner.end();
});

it('refuses to leave a role without a password, and changes none then', async () => {
  const { auth_app: _missing, ...others } = inject('postgres').rolePasswords;
  await expect(provision({ ...others, auth_owner: 'changed' })).rejects.toThrow('auth_app');
  const owner = connectSuperuser(main.url('auth_owner'));
  expect(await owner`select 1`).toHaveLength(1);
  await owner.end();
});

it('grants no role more than its own', async () => {
  const { superuserUrl } = inject('postgres');
  const sql = connectSuperuser(superuserUrl);
  const rows = await sql`
    select rolname from pg_roles
    where rolname ~ '^(auth|billing|queue)_' and
      (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)`;
  expect(rows).toHaveLength(0);
  await sql.end();
});

it('gives a table that a migration adds to nobody but its owner', async () => {
  const name = `t_${randomBytes(4).toString('hex')}`;
  const owner = connectSuperuser(main.url('billing_owner'));
  await owner`create table billing.${owner(name)} (id int)`;
  await owner.end();
  const app = connectSuperuser(main.url('billing_app'));
  await expect(app`select from billing.${app(name)}`).rejects.toMatchObject({ code: '42501' });
  await app.end();
});

it('changes only the database of a URL', () => {
  const url = withDatabase('postgres://u:p%2Fw@127.0.0.1:5/a?sslmode=disable', 'b');
  expect(url).toBe('postgres://u:p%2Fw@127.0.0.1:5/b?sslmode=disable');
});
