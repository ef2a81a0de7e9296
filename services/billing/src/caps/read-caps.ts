import type { Database } from '@clearinghouse/shared';
import type { CapMetric, CapPeriod, CapScope } from './cap.ts';
import { usedInWindow } from './cap.ts';

/** A cap with where it stands now; amounts in micro-USD, or wei for session credit. */
export type CapView = {
  readonly scope: CapScope;
  readonly scopeId: string;
  readonly metric: CapMetric;
  readonly period: CapPeriod;
  /** Absent: the service's default. */
  readonly limit: bigint | undefined;
  readonly used: bigint;
  readonly held: bigint;
};

/** Reads the caps of an app, at most `itemsMax`, those with a limit of their own first. */
export async function readCaps(
  deps: { readonly sql: Database },
  input: { appId: string; itemsMax: number },
): Promise<readonly CapView[]> {
  const rows = await deps.sql<CapRow[]>`
    select scope, scope_id, metric, period, limit_amount, used, held,
      window_start::text as window_start, (clock_timestamp() at time zone 'utc')::date::text as day
    from billing.caps where app_id = ${input.appId}
    order by limit_amount is null, scope, scope_id, metric, period limit ${input.itemsMax}`;
  return rows.map((row) => ({
    scope: row.scope,
    scopeId: row.scope_id,
    metric: row.metric,
    period: row.period,
    limit: row.limit_amount === null ? undefined : BigInt(row.limit_amount),
    used: usedInWindow(
      { period: row.period, windowStart: row.window_start, used: BigInt(row.used) },
      row.day,
    ),
    held: BigInt(row.held),
  }));
}

type CapRow = {
  scope: CapScope;
  scope_id: string;
  metric: CapMetric;
  period: CapPeriod;
  limit_amount: string | null;
  used: string;
  held: string;
  window_start: string;
  day: string;
};
