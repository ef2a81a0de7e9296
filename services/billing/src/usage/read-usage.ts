import type { Database } from '@clearinghouse/shared';

/** Which usage is asked for; days are UTC, YYYY-MM-DD, both included. */
export type UsageQuery = {
  readonly appId: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** A user by our id or by the app's own. */
  readonly user: string | undefined;
};

/** Sums of some usage. */
export type UsageSum = {
  readonly requestCount: bigint;
  readonly feeWei: string;
  readonly chargeMicros: string;
  /** The network's part of the charge. */
  readonly networkMicros: string;
};

export type UserSum = UsageSum & {
  /** Empty for the app's own machines. */
  readonly userId: string;
  readonly externalUserId: string | null;
  readonly lastUsedAt: Date;
};

export type PipelineSum = UsageSum & { readonly pipeline: string; readonly model: string };
export type DailySum = PipelineSum & { readonly day: string };

/** Sums everything that a query matches. */
export async function sumUsage(sql: Database, query: UsageQuery): Promise<UsageSum> {
  const [row] = await sql<UsageSum[]>`
    select ${sums(sql)} from billing.usage_daily where ${matches(sql, query)}`;
  if (!row) throw new Error('a sum without a row');
  return row;
}

/** Sums by user; the app's own machines are one line. */
export async function sumUsageByUser(
  sql: Database,
  query: UsageQuery,
  rowsMax: number,
): Promise<readonly UserSum[]> {
  return await sql<UserSum[]>`
    select user_id as "userId", max(external_user_id) as "externalUserId",
      max(last_used_at) as "lastUsedAt", ${sums(sql)}
    from billing.usage_daily where ${matches(sql, query)}
    group by user_id order by user_id limit ${rowsMax}`;
}

/** Sums by pipeline and model. */
export async function sumUsageByPipeline(
  sql: Database,
  query: UsageQuery,
  rowsMax: number,
): Promise<readonly PipelineSum[]> {
  return await sql<PipelineSum[]>`
    select pipeline, model, ${sums(sql)} from billing.usage_daily where ${matches(sql, query)}
    group by pipeline, model order by pipeline, model limit ${rowsMax}`;
}

/** Sums by day, pipeline and model; the newest first. */
export async function sumUsageByDay(
  sql: Database,
  query: UsageQuery,
  rowsMax: number,
): Promise<readonly DailySum[]> {
  return await sql<DailySum[]>`
    select day::text as day, pipeline, model, ${sums(sql)}
    from billing.usage_daily where ${matches(sql, query)}
    group by day, pipeline, model order by day desc, pipeline, model limit ${rowsMax}`;
}

function sums(sql: Database) {
  return sql`
    coalesce(sum(request_count), 0)::bigint as "requestCount",
    coalesce(sum(fee_wei), 0)::text as "feeWei",
    coalesce(sum(charge_micros), 0)::text as "chargeMicros",
    coalesce(sum(network_micros), 0)::text as "networkMicros"`;
}

function matches(sql: Database, query: UsageQuery) {
  const { from, to, user } = query;
  return sql`
    app_id = ${query.appId}
    and (${from ?? null}::date is null or day >= ${from ?? null}::date)
    and (${to ?? null}::date is null or day <= ${to ?? null}::date)
    and (${user ?? null}::text is null
      or user_id = ${user ?? null} or external_user_id = ${user ?? null})`;
}
