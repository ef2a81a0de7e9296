import type { Database } from '@clearinghouse/shared';

export type MailPurpose = 'sign_up' | 'verify_email' | 'reset_password';

/** A link that was sent by mail; known by the SHA-256 of its token. */
export type MailToken = {
  readonly purpose: MailPurpose;
  readonly accountId: string | null;
  readonly email: string;
  /** The sign-in that waits for it. */
  readonly interactionUid: string | null;
  /** The account will be an operator's: a link that the command line printed. */
  readonly isOperator: boolean;
};

/** Keeps a link. */
export async function insertMailToken(
  db: Database,
  token: MailToken & { sha256: Buffer; ttlSec: number },
): Promise<void> {
  await db`
    insert into auth.mail_tokens
      (token_sha256, purpose, account_id, email, interaction_uid, detail, expires_at)
    values (${token.sha256}, ${token.purpose}, ${token.accountId}, ${token.email},
      ${token.interactionUid}, ${db.json({ isOperator: token.isOperator })},
      now() + make_interval(secs => ${token.ttlSec}))`;
}

/** Reads a link that is still good, and leaves it so. */
export async function findMailToken(db: Database, sha256: Buffer): Promise<MailToken | undefined> {
  const [row] = await db<MailToken[]>`
    select ${columns(db)} from auth.mail_tokens
    where token_sha256 = ${sha256} and expires_at > now()`;
  return row;
}

/** Uses a link up. Of any number of callers at once exactly one gets it. */
export async function takeMailToken(
  db: Database,
  sha256: Buffer,
  purpose: MailPurpose,
): Promise<MailToken | undefined> {
  const [row] = await db<MailToken[]>`
    delete from auth.mail_tokens
    where token_sha256 = ${sha256} and purpose = ${purpose} and expires_at > now()
    returning ${columns(db)}`;
  return row;
}

/**
 * Forgets links: of an account, all or those of one purpose; or those that make an account with an
 * address. One that an operator gave away goes at an operator's word alone.
 */
export async function deleteMailTokens(
  db: Database,
  of: { accountId: string; purpose?: MailPurpose } | { signUpEmail: string; isOperator: boolean },
): Promise<void> {
  const which =
    'accountId' in of
      ? db`account_id = ${of.accountId}
          and (${of.purpose ?? null}::text is null or purpose = ${of.purpose ?? null})`
      : db`account_id is null and email = ${of.signUpEmail}
          and (${of.isOperator} or not coalesce((detail ->> 'isOperator')::boolean, false))`;
  await db`delete from auth.mail_tokens where ${which}`;
}

/** Deletes up to `limit` links whose time is over. @returns how many. */
export async function purgeMailTokens(db: Database, limit: number): Promise<number> {
  const rows = await db`
    delete from auth.mail_tokens where ctid in (
      select ctid from auth.mail_tokens where expires_at < now() limit ${limit}) returning 1`;
  return rows.length;
}

function columns(db: Database) {
  return db`purpose, account_id as "accountId", email, interaction_uid as "interactionUid",
    coalesce((detail ->> 'isOperator')::boolean, false) as "isOperator"`;
}
