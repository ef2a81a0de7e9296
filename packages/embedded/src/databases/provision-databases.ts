import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from '@clearinghouse/shared';
import { connectSuperuser } from './connect-superuser.ts';

/** Every role of the two databases; owners run DDL, the others work with rows. */
export const DATABASE_ROLES = [
  'auth_owner',
  'billing_owner',
  'queue_owner',
  'auth_app',
  'billing_app',
  'queue_auth',
  'queue_billing',
  'queue_signer',
] as const;

export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/** What is made, and where the SQL for it lies. */
export type ProvisionOptions = {
  readonly superuserUrl: string;
  readonly passwords: Readonly<Record<string, string>>;
  /** Other names than `clearinghouse` and `clearinghouse_queue`: for templates in tests. */
  readonly databases?: { readonly main: string; readonly queue: string };
  /** The repository's `migrations/init/sql` unless told. */
  readonly sqlFolder?: string;
};

const SQL_FOLDER = join(import.meta.dirname, '../../../../migrations/init/sql');

/**
 * Makes roles, databases, schemas and their grants. May be run again at every start: it sets the
 * passwords and leaves data alone. Runs the same SQL that the container runs.
 */
export async function provisionDatabases(options: ProvisionOptions): Promise<void> {
  const { main, queue } = options.databases ?? {
    main: 'clearinghouse',
    queue: 'clearinghouse_queue',
  };
  const folder = options.sqlFolder ?? SQL_FOLDER;
  await withSuperuser(options.superuserUrl, undefined, async (sql) => {
    await provisionRoles(sql, options.passwords, await readFile(join(folder, 'roles.sql'), 'utf8'));
    for (const name of [main, queue]) await createDatabase(sql, name);
  });
  await provisionGrants({
    superuserUrl: options.superuserUrl,
    database: main,
    kind: 'main',
    folder,
  });
  await provisionGrants({
    superuserUrl: options.superuserUrl,
    database: queue,
    kind: 'queue',
    folder,
  });
}

/** Runs the schemas and grants of one database: also what a clone of it needs. */
export async function provisionGrants(options: {
  superuserUrl: string;
  database: string;
  kind: 'main' | 'queue';
  folder?: string;
}): Promise<void> {
  const file = options.kind === 'main' ? 'clearinghouse.sql' : 'clearinghouse_queue.sql';
  const text = await readFile(join(options.folder ?? SQL_FOLDER, file), 'utf8');
  await withSuperuser(options.superuserUrl, options.database, async (sql) => {
    await sql.begin((tx) => tx.unsafe(text));
  });
}

async function provisionRoles(
  sql: Sql,
  passwords: Readonly<Record<string, string>>,
  text: string,
): Promise<void> {
  await sql.begin(async (tx) => {
    // One at a time: `alter role` from two starts at once fails with "tuple concurrently updated".
    await tx`select pg_advisory_xact_lock(hashtext('clearinghouse-roles'))`;
    for (const role of DATABASE_ROLES) {
      const setting = `clearinghouse.password_${role}`;
      await tx`select set_config(${setting}, ${passwords[role] ?? ''}, true)`;
    }
    await tx.unsafe(text);
  });
}

async function createDatabase(sql: Sql, name: string): Promise<void> {
  const found = await sql`select from pg_database where datname = ${name}`;
  if (found.count === 0) await sql`create database ${sql(name)}`;
}

async function withSuperuser(
  url: string,
  database: string | undefined,
  work: (sql: Sql) => Promise<void>,
): Promise<void> {
  const sql = connectSuperuser(url, database);
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
