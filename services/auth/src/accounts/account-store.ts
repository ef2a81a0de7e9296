import type { Database, Transaction } from '@clearinghouse/shared';
import type { Account } from './account.ts';

/** Reads an account by its id, whatever its status. */
export async function findAccountById(db: Database, id: string): Promise<Account | undefined> {
  const [row] = await db<Account[]>`
    select ${columns(db)} from auth.accounts where id = ${id}`;
  return row;
}

/** Reads the account that has an address; `email` is lower case. Deleted ones are gone. */
export async function findAccountByEmail(
  db: Database,
  email: string,
): Promise<Account | undefined> {
  const [row] = await db<Account[]>`
    select ${columns(db)} from auth.accounts where email = ${email} and status <> 'deleted'`;
  return row;
}

/** Reads accounts, oldest first, after one id. */
export async function findAccounts(
  db: Database,
  page: { limit: number; afterId?: string | undefined },
): Promise<Account[]> {
  const after = page.afterId ?? '';
  return db<Account[]>`
    select ${columns(db)} from auth.accounts
    where status <> 'deleted' and (${after} = '' or (created_at, id) >
      (select created_at, id from auth.accounts where id = ${after}))
    order by created_at, id limit ${page.limit}`;
}

/** Writes a new account; undefined when another one has the address. */
export async function insertAccount(
  tx: Transaction,
  account: {
    id: string;
    email: string | null;
    isEmailVerified: boolean;
    displayName: string | null;
    passwordHash: string | null;
    isOperator: boolean;
  },
): Promise<Account | undefined> {
  const { id, email, displayName, passwordHash, isOperator } = account;
  const isVerified = email !== null && account.isEmailVerified;
  const [row] = await tx<Account[]>`
    insert into auth.accounts (id, email, email_verified_at, display_name, password_hash,
      password_changed_at, is_operator)
    values (${id}, ${email}, ${isVerified ? tx`now()` : null}, ${displayName}, ${passwordHash},
      ${passwordHash === null ? null : tx`now()`}, ${isOperator})
    on conflict (email) where email is not null and status <> 'deleted' do nothing
    returning ${columns(tx)}`;
  return row;
}

/** Changes the name, or makes somebody an operator, or ends that; undefined: no such account. */
export async function updateAccount(
  db: Database,
  id: string,
  change: { displayName?: string | null | undefined; isOperator?: boolean | undefined },
): Promise<Account | undefined> {
  const name = change.displayName === undefined ? db`display_name` : db`${change.displayName}`;
  const [row] = await db<Account[]>`
    update auth.accounts set display_name = ${name}, updated_at = now(),
      is_operator = coalesce(${change.isOperator ?? null}, is_operator)
    where id = ${id} and status <> 'deleted' returning ${columns(db)}`;
  return row;
}

/** Gives an account an address that is known to be its owner's; false when another one has it. */
export async function writeEmail(tx: Transaction, id: string, email: string): Promise<boolean> {
  const rows = await tx`
    update auth.accounts set email = ${email}, email_verified_at = now(), updated_at = now()
    where id = ${id} and status = 'active' and not exists (
      select 1 from auth.accounts o where o.email = ${email} and o.status <> 'deleted'
        and o.id <> ${id})
    returning 1`;
  return rows.length > 0;
}

/**
 * Makes other changes of this account wait for the end of this transaction.
 *
 * @returns whether it is somebody's who may sign in.
 */
export async function lockAccount(tx: Transaction, id: string): Promise<boolean> {
  const [row] = await tx<{ status: string }[]>`
    select status from auth.accounts where id = ${id} for update`;
  return row?.status === 'active';
}

/** Sets the status; undefined when there is no such account. */
export async function updateAccountStatus(
  tx: Transaction,
  id: string,
  status: Account['status'],
): Promise<Account | undefined> {
  const [row] = await tx<Account[]>`
    update auth.accounts set status = ${status}, updated_at = now()
    where id = ${id} and status <> 'deleted' returning ${columns(tx)}`;
  return row;
}

/** Forgets a person: the row stays for what points at it, with nothing about them. */
export async function eraseAccount(tx: Transaction, id: string): Promise<void> {
  await tx`delete from auth.passkeys where account_id = ${id}`;
  await tx`delete from auth.account_identities where account_id = ${id}`;
  await tx`
    update auth.accounts set status = 'deleted', email = null, email_verified_at = null,
      display_name = null, password_hash = null, password_changed_at = null, updated_at = now()
    where id = ${id}`;
}

function columns(db: Database) {
  return db`id, email, email_verified_at as "emailVerifiedAt", display_name as "displayName",
    status, is_operator as "isOperator", password_hash is not null as "hasPassword",
    created_at as "createdAt"`;
}
