import type { Database, Transaction } from '@clearinghouse/shared';
import type { App } from './app.ts';

/** Reads one app. */
export async function findApp(db: Database, id: string): Promise<App | undefined> {
  const [row] = await db<App[]>`
    select ${columns(db)} from auth.apps where id = ${id}`;
  return row;
}

/** Reads apps, oldest first, those that come after one. */
export async function findApps(
  db: Database,
  limit: number,
  after: string | null = null,
): Promise<App[]> {
  return db<App[]>`
    select ${columns(db)} from auth.apps
    where ${after}::text is null
      or (created_at, id) > (select a.created_at, a.id from auth.apps a where a.id = ${after})
    order by created_at, id limit ${limit}`;
}

/** Writes a new app. */
export async function insertApp(tx: Transaction, app: { id: string; name: string }): Promise<void> {
  await tx`insert into auth.apps (id, name) values (${app.id}, ${app.name})`;
}

/** Writes what an operator sets about an app; false when there is no such app. */
export async function updateApp(
  tx: Transaction,
  id: string,
  app: Pick<App, 'name' | 'isFirstParty' | 'anonymousAccess'>,
): Promise<boolean> {
  const rows = await tx`
    update auth.apps set name = ${app.name}, is_first_party = ${app.isFirstParty},
      anonymous_access = ${app.anonymousAccess}, updated_at = now()
    where id = ${id} returning 1`;
  return rows.length > 0;
}

function columns(db: Database) {
  return db`id, name, status, is_first_party as "isFirstParty",
    anonymous_access as "anonymousAccess", created_at as "createdAt"`;
}

/** Sets the status; false when there is no such app. */
export async function updateAppStatus(
  tx: Transaction,
  id: string,
  status: App['status'],
): Promise<boolean> {
  const rows = await tx`
    update auth.apps set status = ${status}, updated_at = now() where id = ${id} returning 1`;
  return rows.length > 0;
}
