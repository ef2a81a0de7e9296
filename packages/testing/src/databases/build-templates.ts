import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  connectSuperuser,
  DATABASE_ROLES,
  provisionDatabases,
  withDatabase,
} from '@clearinghouse/embedded';
import { migrate, migrateQueue } from '@clearinghouse/shared';
import type { ProvidedPostgres } from '../provided.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../../migrations');
const QUEUE_ROLES = ['queue_auth', 'queue_billing', 'queue_signer'];

/**
 * Makes the two databases that every test database is a copy of: provisioned by the same SQL as
 * an installation, then migrated by the owner roles. Passwords are derived from the server's URL,
 * so that two runs on one given server agree on them.
 *
 * @throws Error when the server is an installation's: its roles' passwords would be changed.
 */
export async function buildTemplates(superuserUrl: string): Promise<ProvidedPostgres> {
  await refuseInstallation(superuserUrl);
  const run = randomBytes(5).toString('hex');
  const templates = { main: `ch_template_${run}`, queue: `ch_queue_template_${run}` };
  const rolePasswords = Object.fromEntries(
    DATABASE_ROLES.map((role) => [
      role,
      createHmac('sha256', superuserUrl).update(role).digest('hex'),
    ]),
  );
  await provisionDatabases({ superuserUrl, passwords: rolePasswords, databases: templates });
  const url = (role: string, database: string) =>
    roleUrl({ superuserUrl, rolePasswords, templates }, role, database);
  for (const schema of ['auth', 'billing']) {
    const folder = join(MIGRATIONS, schema);
    await migrate({ url: url(`${schema}_owner`, templates.main), folder, schema });
  }
  const postgresUrl = url('queue_owner', templates.queue);
  await migrateQueue({ postgresUrl, grantTo: QUEUE_ROLES });
  return { superuserUrl, rolePasswords, templates };
}

/** Removes the templates, and every test database that was not dropped. */
export async function dropTemplates(postgres: ProvidedPostgres): Promise<void> {
  const sql = connectSuperuser(postgres.superuserUrl);
  try {
    const { main, queue } = postgres.templates;
    const rows = await sql<{ datname: string }[]>`
      select datname from pg_database
      where starts_with(datname, ${`${main}_`}) or starts_with(datname, ${`${queue}_`})
        or datname in (${main}, ${queue})`;
    for (const { datname } of rows) {
      await sql`drop database if exists ${sql(datname)} with (force)`;
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The connection URL of a role in a database of the tests' server. */
export function roleUrl(postgres: ProvidedPostgres, role: string, database: string): string {
  const url = new URL(withDatabase(postgres.superuserUrl, database));
  const password = postgres.rolePasswords[role];
  if (password === undefined) throw new Error(`no such role in tests: ${role}`);
  url.username = role;
  url.password = password;
  return url.href;
}

async function refuseInstallation(superuserUrl: string): Promise<void> {
  const sql = connectSuperuser(superuserUrl);
  try {
    const rows = await sql`select from pg_database where datname = 'clearinghouse'`;
    if (rows.count > 0) {
      throw new Error('DATABASE_URL names the server of an installation: give tests their own');
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}
