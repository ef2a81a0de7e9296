import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectSuperuser,
  type DatabaseRole,
  provisionGrants,
  withDatabase,
} from '@clearinghouse/embedded';
import { sqlState } from '@clearinghouse/shared';
import { inject } from 'vitest';
import { TESTING_LIMITS } from '../limits.ts';
import { roleUrl } from './build-templates.ts';

/** A database of one's own. */
export type TestDatabase = {
  readonly name: string;
  /** For looking at what no role of a service may see; never for the code under test. */
  readonly superuserUrl: string;
  readonly url: (role: DatabaseRole) => string;
  /** Ends its sessions and removes it. */
  readonly drop: () => Promise<void>;
};

const OBJECT_IN_USE = '55006';

/**
 * A fresh copy of the migrated database with the schemas `auth`, `identity` and `billing`.
 *
 * @example
 * const database = await createTestDatabase();
 * const sql = connectDatabase({ url: database.url('billing_app'), applicationName: 'test' });
 */
export function createTestDatabase(): Promise<TestDatabase> {
  return cloneDatabase('main');
}

/** A fresh copy of the database of BullMQ's Postgres backend, its tables made. */
export function createTestQueueDatabase(): Promise<TestDatabase> {
  return cloneDatabase('queue');
}

async function cloneDatabase(kind: 'main' | 'queue'): Promise<TestDatabase> {
  const postgres = inject('postgres');
  const template = postgres.templates[kind];
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  const { superuserUrl } = postgres;
  await onServer(superuserUrl, (sql) => cloneWithRetry(sql, name, template));
  // Grants on the database itself are not part of the copy.
  await provisionGrants({ superuserUrl, database: name, kind });
  return {
    name,
    superuserUrl: withDatabase(superuserUrl, name),
    url: (role) => roleUrl(postgres, role, name),
    drop: () =>
      onServer(superuserUrl, async (sql) => {
        await sql`drop database if exists ${sql(name)} with (force)`;
      }),
  };
}

type Superuser = ReturnType<typeof connectSuperuser>;

async function cloneWithRetry(sql: Superuser, name: string, template: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sql`create database ${sql(name)} template ${sql(template)}`;
      return;
    } catch (error) {
      const again = sqlState(error) === OBJECT_IN_USE;
      if (!again || attempt >= TESTING_LIMITS.cloneAttemptsMax) throw error;
      await sleep(TESTING_LIMITS.cloneRetryMs);
    }
  }
}

async function onServer(url: string, work: (sql: Superuser) => Promise<void>): Promise<void> {
  const sql = connectSuperuser(url);
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
