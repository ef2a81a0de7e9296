import { type Database, pendingMigrations, type Sql } from '@clearinghouse/shared';
import { MIGRATIONS_FOLDER } from '../migrations-folder.ts';
import type { Readiness } from './readiness.ts';

/** What is to be looked at. */
export type ReadinessDeps = {
  readonly sql: Sql;
  readonly isQueueReady: () => boolean;
  readonly fxMaxAgeMs: number;
};

/** Is everything there that a hold needs? Nothing here throws: a missing part is `false`. */
export async function checkReadiness(deps: ReadinessDeps): Promise<Readiness> {
  const [database, migrations, price] = await Promise.all([
    holds(() => readsIdentities(deps.sql)),
    holds(async () => {
      const options = { folder: MIGRATIONS_FOLDER, schema: 'billing' };
      return (await pendingMigrations(deps.sql, options)).length === 0;
    }),
    holds(() => hasFreshPrice(deps.sql, deps.fxMaxAgeMs)),
  ]);
  return { database, migrations, price, queue: deps.isQueueReady() };
}

async function holds(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}

async function readsIdentities(sql: Database): Promise<boolean> {
  await sql`select from identity.principal_status limit 1`;
  return true;
}

async function hasFreshPrice(sql: Database, fxMaxAgeMs: number): Promise<boolean> {
  const rows = await sql<{ age_ms: bigint }[]>`
    select (extract(epoch from clock_timestamp() - observed_at) * 1000)::bigint as age_ms
    from billing.fx_rates where pair = 'ETH/USD' order by id desc limit 1`;
  const ageMs = rows[0]?.age_ms;
  return ageMs !== undefined && ageMs <= fxMaxAgeMs;
}
