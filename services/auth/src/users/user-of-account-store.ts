import type { Database, Transaction } from '@clearinghouse/shared';
import type { User } from './user.ts';

/** Reads the user that an app knows an account as; deleted ones are gone. */
export async function findUserOf(
  db: Database,
  who: { accountId: string; appId: string },
): Promise<User | undefined> {
  const [row] = await db<User[]>`
    select ${columns(db)} from auth.app_users
    where app_id = ${who.appId} and account_id = ${who.accountId} and deleted_at is null`;
  return row;
}

/** Reads every app user of an account. */
export async function findUsersOf(db: Database, accountId: string): Promise<User[]> {
  return db<User[]>`
    select ${columns(db)} from auth.app_users
    where account_id = ${accountId} and deleted_at is null order by created_at, id`;
}

/**
 * Switches the app users of an account off, or those on again that went off with it; one that its
 * app has switched off stays so.
 *
 * @returns those that changed.
 */
export async function updateUsersOf(
  tx: Transaction,
  accountId: string,
  status: User['status'],
): Promise<User[]> {
  const isOff = status === 'inactive';
  return tx<User[]>`
    update auth.app_users
    set status = ${status}, suspended_with_person = ${isOff}, updated_at = now()
    where account_id = ${accountId} and deleted_at is null
      and ${isOff ? tx`status = 'active'` : tx`suspended_with_person`}
    returning ${columns(tx)}`;
}

/**
 * Writes the app user of an account. One that the app's backend made under this id before becomes
 * it: a backend that knows the id means the same person.
 *
 * @returns undefined when the app has one for this account already.
 */
export async function insertUserOf(
  tx: Transaction,
  user: {
    id: string;
    appId: string;
    accountId: string;
    email: string | null;
    status: User['status'];
  },
): Promise<User | undefined> {
  const { id, appId, accountId, email, status } = user;
  const [row] = await tx<User[]>`
    insert into auth.app_users (id, app_id, external_user_id, account_id, email, status,
      suspended_with_person)
    values (${id}, ${appId}, ${accountId}, ${accountId}, ${email}, ${status},
      ${status === 'inactive'})
    on conflict (app_id, external_user_id) where deleted_at is null
    do update set account_id = excluded.account_id, updated_at = now()
      where auth.app_users.account_id is null
    returning ${columns(tx)}`;
  return row;
}

function columns(db: Database) {
  return db`id, app_id as "appId", external_user_id as "externalUserId", email, status, role,
    created_at as "createdAt"`;
}
