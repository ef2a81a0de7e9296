import { fileURLToPath } from 'node:url';
import { migrate, pendingMigrations, type Sql } from '@clearinghouse/shared';

const MIGRATIONS = {
  folder: fileURLToPath(new URL('../../../../migrations/auth', import.meta.url)),
  schema: 'auth',
};

/** Runs the migrations as the owner, in a connection that is closed before anything is served. */
export async function migrateAuth(ownerUrl: string): Promise<string[]> {
  return migrate({ url: ownerUrl, ...MIGRATIONS });
}

/**
 * Refuses to start over a database that is behind.
 *
 * @throws Error with a line that says how to mend it.
 */
export async function checkMigrations(db: Sql): Promise<void> {
  const pending = await pendingMigrations(db, MIGRATIONS);
  if (pending.length === 0) return;
  throw new Error(`migrations not run: ${pending.join(', ')}: start once with AUTH_OWNER_URL`);
}
