import type { Database } from '@clearinghouse/shared';

/** What a sign-in with a password reads. */
export type PasswordRow = {
  readonly accountId: string;
  readonly status: string;
  readonly passwordHash: string | null;
};

/** Reads the hash of the account that has an address; undefined when there is none. */
export async function findPassword(db: Database, email: string): Promise<PasswordRow | undefined> {
  const [row] = await db<PasswordRow[]>`
    select id as "accountId", status, password_hash as "passwordHash"
    from auth.accounts where email = ${email} and status <> 'deleted'`;
  return row;
}

/** Reads the hash of an account. */
export async function findPasswordOf(db: Database, accountId: string): Promise<string | null> {
  const [row] = await db<{ passwordHash: string | null }[]>`
    select password_hash as "passwordHash" from auth.accounts where id = ${accountId}`;
  return row?.passwordHash ?? null;
}

/** Replaces a hash by one of the same password, unless it was changed meanwhile. */
export async function replaceHash(
  db: Database,
  input: { accountId: string; from: string; to: string },
): Promise<void> {
  await db`
    update auth.accounts set password_hash = ${input.to}
    where id = ${input.accountId} and password_hash = ${input.from}`;
}

/** Sets a new password; null takes it away. */
export async function writePassword(
  db: Database,
  accountId: string,
  passwordHash: string | null,
): Promise<void> {
  await db`
    update auth.accounts
    set password_hash = ${passwordHash}, password_changed_at = now(), updated_at = now()
    where id = ${accountId} and status <> 'deleted'`;
}
