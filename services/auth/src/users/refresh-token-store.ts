import type { Database, Transaction } from '@clearinghouse/shared';
import type { RefreshState } from '../tokens/refresh-verdict.ts';

/** A refresh token that an app's backend got with a user token; kept as its SHA-256. */
export type RefreshToken = {
  readonly grantId: string;
  readonly appId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly expiresAt: Date;
};

/** Writes a token of a grant; `parentSha256` is the one it came from, if any. */
export async function insertRefreshToken(
  db: Database,
  token: RefreshToken & { sha256: Buffer; parentSha256?: Buffer },
): Promise<void> {
  await db`
    insert into auth.user_refresh_tokens (token_sha256, grant_id, app_id, user_id, client_id,
      scope, expires_at, parent_sha256)
    values (${token.sha256}, ${token.grantId}, ${token.appId}, ${token.userId}, ${token.clientId},
      ${token.scope}, ${token.expiresAt}, ${token.parentSha256 ?? null})`;
}

/** Reads a token and waits until this transaction alone changes its family. */
export async function lockRefreshToken(
  tx: Transaction,
  sha256: Buffer,
): Promise<RefreshToken | undefined> {
  const [row] = await tx<RefreshToken[]>`
    select ${columns(tx)} from auth.user_refresh_tokens
    where token_sha256 = ${sha256} and expires_at > now()`;
  if (row) await tx`select pg_advisory_xact_lock(hashtextextended(${row.grantId}, 0))`;
  return row;
}

/** Reads how a token stands in its family, once it is locked. */
export async function findUserRefreshState(
  tx: Transaction,
  sha256: Buffer,
): Promise<RefreshState | undefined> {
  const [row] = await tx<RefreshState[]>`
    select t.consumed_at is not null as "isConsumed", t.superseded_at is not null as "isSuperseded",
      coalesce(extract(epoch from now() - t.consumed_at), 0)::float8 as "consumedForSec",
      t.replays, exists (
        select 1 from auth.user_refresh_tokens c
        where c.parent_sha256 = ${sha256} and c.first_used_at is not null) as "hasUsedChild"
    from auth.user_refresh_tokens t where t.token_sha256 = ${sha256}`;
  return row;
}

/** Uses a token up, or counts that it was presented again; the others of its parent lose their place. */
export async function useUserRefreshToken(tx: Transaction, sha256: Buffer): Promise<void> {
  await tx`
    update auth.user_refresh_tokens set
      replays = replays + case when consumed_at is null then 0 else 1 end,
      consumed_at = coalesce(consumed_at, now()), first_used_at = coalesce(first_used_at, now())
    where token_sha256 = ${sha256}`;
  await tx`
    update auth.user_refresh_tokens set superseded_at = now()
    where parent_sha256 = (
        select parent_sha256 from auth.user_refresh_tokens where token_sha256 = ${sha256})
      and token_sha256 <> ${sha256} and consumed_at is null and superseded_at is null`;
}

/** Deletes every unused token of a grant. */
export async function deleteTokensOfGrant(tx: Transaction, grantId: string): Promise<void> {
  await tx`
    delete from auth.user_refresh_tokens where grant_id = ${grantId} and consumed_at is null`;
}

/** Deletes every token of a user. @returns the grants that they were of. */
export async function deleteTokensOfUser(tx: Transaction, userId: string): Promise<string[]> {
  const rows = await tx<{ grantId: string }[]>`
    with gone as (
      delete from auth.user_refresh_tokens where user_id = ${userId} returning grant_id)
    select distinct grant_id as "grantId" from gone`;
  return rows.map((row) => row.grantId);
}

function columns(db: Database) {
  return db`grant_id as "grantId", app_id as "appId", user_id as "userId",
    client_id as "clientId", scope, expires_at as "expiresAt"`;
}
