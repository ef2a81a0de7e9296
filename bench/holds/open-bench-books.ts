import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  connectSuperuser,
  DATABASE_ROLES,
  provisionDatabases,
  withDatabase,
} from '@clearinghouse/embedded';
import { connectDatabase, migrate, type Sql } from '@clearinghouse/shared';
import { postCredit } from '../../services/billing/src/credits/post-credit.ts';
import { openPool } from '../../services/billing/src/db/open-pool.ts';
import { fixedPriceSource } from '../../services/billing/src/prices/price-source.ts';
import { refreshRate } from '../../services/billing/src/prices/refresh-rate.ts';

/** A migrated database with funded apps. */
export type BenchBooks = {
  /** As the role billing_app. */
  readonly sql: Sql;
  readonly appIds: readonly string[];
  readonly close: () => Promise<void>;
};

const MIGRATIONS = join(import.meta.dirname, '../../migrations');
const CREDIT_MICROS = 10n ** 12n;
const PRICE_E8 = 300_000_000_000n;
const CONNECTIONS = 12;

/** Makes a database of its own on a server, with apps that have credit and are active. */
export async function openBenchBooks(superuserUrl: string, apps: number): Promise<BenchBooks> {
  const run = randomBytes(5).toString('hex');
  const databases = { main: `ch_bench_${run}`, queue: `ch_bench_queue_${run}` };
  const passwords = Object.fromEntries(DATABASE_ROLES.map((role) => [role, run]));
  await provisionDatabases({ superuserUrl, passwords, databases });
  const url = (role: string) => {
    const made = new URL(withDatabase(superuserUrl, databases.main));
    made.username = role;
    made.password = run;
    return made.href;
  };
  for (const schema of ['auth', 'billing']) {
    const folder = join(MIGRATIONS, schema);
    await migrate({ url: url(`${schema}_owner`), folder, schema });
  }
  const sql = openPool({
    url: url('billing_app'),
    applicationName: 'bench-holds',
    connectionsMax: CONNECTIONS,
  });
  const appIds = Array.from({ length: apps }, () => `app_${randomBytes(12).toString('hex')}`);
  await activate(url('auth_app'), appIds);
  const source = fixedPriceSource(PRICE_E8, Date.now);
  await refreshRate({ sql, source, acceptJump: false });
  const accountIds = new Map<string, bigint>();
  for (const appId of appIds) {
    const input = { appId, amountMicros: CREDIT_MICROS, reason: 'bench', idempotencyKey: appId };
    await postCredit({ sql, accountIds }, { ...input, rawInput: Buffer.from(appId) });
  }
  return {
    sql,
    appIds,
    close: async () => {
      await sql.end({ timeout: 5 });
      await drop(superuserUrl, Object.values(databases));
    },
  };
}

async function activate(url: string, appIds: readonly string[]): Promise<void> {
  const sql = connectDatabase({ url, applicationName: 'bench-auth', connectionsMax: 1 });
  await sql`
    insert into identity.principal_status (kind, id, app_id, status)
    select 'app', id, id, 'active' from unnest(${appIds}::text[]) as a(id)`;
  await sql.end({ timeout: 5 });
}

async function drop(superuserUrl: string, names: readonly string[]): Promise<void> {
  const sql = connectSuperuser(superuserUrl);
  for (const name of names) await sql`drop database if exists ${sql(name)} with (force)`;
  await sql.end({ timeout: 5 });
}
