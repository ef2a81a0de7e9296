import type { Database, Transaction } from '@clearinghouse/shared';

/** A refresh token that an app's backend got with a user token; kept as its SHA-256. */
export type RefreshToken = {
  readonly grantId: string;
  readonly appId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly expiresAt: Date;
};

/** Writes a token of a grant. */
export async function insertRefreshToken(
  db: Database,
  token: RefreshToken & { sha256: Buffer },
): Promise<void> {
  await db`
    insert into auth.user_refresh_tokens
      (token_sha256, grant_id, app_id, user_id, client_id, scope, expires_at)
    values (${token.sha256}, ${token.grantId}, ${token.appId}, ${token.userId}, ${token.clientId},
      ${token.scope}, ${token.expiresAt})`;
}

/** Uses a token up; undefined when it is unknown, expired or was used before. */
export async function consumeRefreshToken(
  tx: Transaction,
  sha256: Buffer,
): Promise<RefreshToken | undefined> {
  const [row] = await tx<RefreshToken[]>`
    update auth.user_refresh_tokens set consumed_at = now()
    where token_sha256 = ${sha256} and consumed_at is null and expires_at > now()
    returning ${columns(tx)}`;
  return row;
}

/** Reads a token that was used up before: the sign of a theft. */
export async function findConsumedToken(
  tx: Transaction,
  sha256: Buffer,
): Promise<RefreshToken | undefined> {
  const [row] = await tx<RefreshToken[]>`
    select ${columns(tx)} from auth.user_refresh_tokens
    where token_sha256 = ${sha256} and consumed_at is not null`;
  return row;
}

/** Deletes every unused token of a grant. */
export async function deleteTokensOfGrant(tx: Transaction, grantId: string): Promise<void> {
  await tx`
    delete from auth.user_refresh_tokens where grant_id = ${grantId} and consumed_at is null`;
}

/** Deletes every token of a user. */
export async function deleteTokensOfUser(tx: Transaction, userId: string): Promise<void> {
  await tx`delete from auth.user_refresh_tokens where user_id = ${userId}`;
}

function columns(db: Database) {
  return db`grant_id as "grantId", app_id as "appId", user_id as "userId",
    client_id as "clientId", scope, expires_at as "expiresAt"`;
}
