import type { Sql } from '@clearinghouse/shared';

/** Deletes up to `limit` refresh tokens past their end. @returns how many. */
export async function purgeRefreshTokens(db: Sql, limit: number): Promise<number> {
  const rows = await db`
    delete from auth.user_refresh_tokens where ctid in (
      select ctid from auth.user_refresh_tokens where expires_at < now() limit ${limit})
    returning 1`;
  return rows.length;
}

/** Deletes up to `limit` idempotency keys older than a week. @returns how many. */
export async function purgeIdempotencyKeys(db: Sql, limit: number): Promise<number> {
  const rows = await db`
    delete from auth.idempotency_keys where ctid in (
      select ctid from auth.idempotency_keys
      where created_at < now() - interval '7 days' limit ${limit})
    returning 1`;
  return rows.length;
}

/** Deletes up to `limit` counters whose time is over. @returns how many. */
export async function purgeRateCounters(db: Sql, limit: number): Promise<number> {
  const rows = await db`
    delete from auth.rate_counters where ctid in (
      select ctid from auth.rate_counters
      where expire < extract(epoch from now()) * 1000 limit ${limit})
    returning 1`;
  return rows.length;
}
