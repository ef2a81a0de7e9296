import type { Database, Transaction } from '@clearinghouse/shared';
import type { User, UserOfApp } from './user.ts';

/** Reads a user by the app's own id. */
export async function findUserByExternalId(
  db: Database,
  appId: string,
  externalUserId: string,
): Promise<User | undefined> {
  const [row] = await db<User[]>`
    select ${columns(db)} from auth.app_users
    where app_id = ${appId} and external_user_id = ${externalUserId} and deleted_at is null`;
  return row;
}

/** Reads a user by its id; deleted ones are gone. */
export async function findUserById(db: Database, id: string): Promise<User | undefined> {
  const [row] = await db<User[]>`
    select ${columns(db)} from auth.app_users where id = ${id} and deleted_at is null`;
  return row;
}

/** Reads a user by its id, and whether its app is active; deleted ones are gone. */
export async function findUserOfApp(db: Database, id: string): Promise<UserOfApp | undefined> {
  const [row] = await db<UserOfApp[]>`
    select ${columns(db)}, exists (
      select from auth.apps a where a.id = app_id and a.status = 'active') as "isAppActive"
    from auth.app_users where id = ${id} and deleted_at is null`;
  return row;
}

/** Reads an app's users, oldest first, those that come after one. */
export async function findUsers(
  db: Database,
  appId: string,
  limit: number,
  after: string | null = null,
): Promise<User[]> {
  return db<User[]>`
    select ${columns(db)} from auth.app_users
    where app_id = ${appId} and deleted_at is null
      and (${after}::text is null or (created_at, id) > (
        select u.created_at, u.id from auth.app_users u where u.id = ${after}
          and u.app_id = ${appId}))
    order by created_at, id limit ${limit}`;
}

/** Inserts a user unless the external id is taken; undefined then. */
export async function insertUser(
  tx: Transaction,
  user: Pick<User, 'id' | 'appId' | 'externalUserId' | 'email' | 'status'>,
): Promise<User | undefined> {
  const { id, appId, externalUserId, email, status } = user;
  const [row] = await tx<User[]>`
    insert into auth.app_users (id, app_id, external_user_id, email, status)
    values (${id}, ${appId}, ${externalUserId}, ${email}, ${status})
    on conflict (app_id, external_user_id) where deleted_at is null do nothing
    returning ${columns(tx)}`;
  return row;
}

/** Changes what is given and leaves the rest; undefined when there is no such user. */
export async function updateUser(
  tx: Transaction,
  change: {
    appId: string;
    externalUserId: string;
    email?: string | null | undefined;
    status?: User['status'] | undefined;
  },
): Promise<User | undefined> {
  const email = change.email === undefined ? tx`email` : tx`${change.email}`;
  const [row] = await tx<User[]>`
    update auth.app_users
    set email = ${email}, status = coalesce(${change.status ?? null}, status), updated_at = now(),
      suspended_with_person = suspended_with_person and ${change.status ?? null}::text is null
    where app_id = ${change.appId} and external_user_id = ${change.externalUserId}
      and deleted_at is null
    returning ${columns(tx)}`;
  return row;
}

/** Marks a user as deleted; its external id is free again. */
export async function markUserDeleted(
  tx: Transaction,
  appId: string,
  externalUserId: string,
): Promise<string | undefined> {
  const [row] = await tx<{ id: string }[]>`
    update auth.app_users set deleted_at = now(), updated_at = now(), email = null
    where app_id = ${appId} and external_user_id = ${externalUserId} and deleted_at is null
    returning id`;
  return row?.id;
}

function columns(db: Database) {
  return db`id, app_id as "appId", external_user_id as "externalUserId", email, status, role,
    created_at as "createdAt"`;
}
