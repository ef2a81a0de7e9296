import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';

/** Where the plain SQL files are, and the schema whose history they are. */
export type MigrateOptions = {
  /** Connection of the schema's owner role; never the one that serves requests. */
  readonly url: string;
  /** A folder of `0001_name.sql` files, never edited once released. */
  readonly folder: string;
  /** The Postgres schema that keeps the `migrations` table. */
  readonly schema: string;
};

/** One advisory lock for every migrator, so that replicas starting together take turns. */
const MIGRATION_LOCK = 7_263_849_105n;
const FILE_NAME = /^[0-9]{4}_[a-z0-9_]+\.sql$/;

/**
 * Runs the migrations that have not run yet, in order, each in its own transaction, under an
 * advisory lock.
 *
 * @returns the names that ran.
 * @throws Error when a released file was changed or the history names a file that is gone.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const sql = postgres(options.url, { max: 1, onnotice: () => undefined });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK.toString()}::bigint)`;
    return await runPending(sql, options);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The names of the migrations in the folder that the schema has not run; empty when current. */
export async function pendingMigrations(
  sql: postgres.Sql<{ bigint: bigint; numeric: string }>,
  options: { folder: string; schema: string },
): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`select name from ${sql(options.schema)}.migrations`;
  const done = new Set(rows.map((row) => row.name));
  return (await listFiles(options.folder)).filter((name) => !done.has(name));
}

async function listFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
}

async function runPending(sql: postgres.Sql, options: MigrateOptions): Promise<string[]> {
  const { schema, folder } = options;
  await sql`
    create table if not exists ${sql(schema)}.migrations (
      name text primary key,
      sha256 text not null,
      ran_at timestamptz not null default now()
    )`;
  const rows = await sql<{ name: string; sha256: string }[]>`
    select name, sha256 from ${sql(schema)}.migrations`;
  const done = new Map(rows.map((row) => [row.name, row.sha256]));
  const ran: string[] = [];
  for (const name of await listFiles(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    const known = done.get(name);
    if (known === sha256) continue;
    if (known !== undefined)
      throw new Error(`migration ${schema}/${name} was changed after release`);
    await sql.begin(async (tx) => {
      await tx.unsafe(text);
      await tx`insert into ${tx(schema)}.migrations (name, sha256) values (${name}, ${sha256})`;
    });
    ran.push(name);
  }
  return ran;
}
