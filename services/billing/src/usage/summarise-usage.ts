import type { Database } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import {
  type DailySum,
  type PipelineSum,
  sumUsage,
  sumUsageByDay,
  sumUsageByPipeline,
  sumUsageByUser,
  type UsageQuery,
  type UsageSum,
  type UserSum,
} from './read-usage.ts';

export type UsageGrouping = 'user' | 'pipeline_model' | 'daily_pipeline';

/**
 * An app's usage in the shape that the builder SDK reads: money as decimal integer strings, USD
 * in millionths and wei beside it. `users` is the short form by user.
 */
export async function summariseUsage(
  deps: { readonly sql: Database },
  input: UsageQuery & { readonly groupBy: UsageGrouping | undefined },
) {
  const { sql } = deps;
  const { groupBy, ...query } = input;
  const rowsMax = LIMITS.usageRowsMax;
  const [totals, byUser] = await Promise.all([
    sumUsage(sql, query),
    sumUsageByUser(sql, query, rowsMax),
  ]);
  return {
    clientId: input.appId,
    source: 'postgres' as const,
    period: { start: input.from ?? null, end: input.to ?? null },
    totals: {
      requestCount: Number(totals.requestCount),
      totalFeeWei: totals.feeWei,
      ...money(totals),
    },
    users: byUser.map(toShortUser),
    ...(groupBy === 'user' ? { byUser: byUser.map(toUser) } : {}),
    ...(groupBy === 'pipeline_model'
      ? { byPipelineModel: (await sumUsageByPipeline(sql, query, rowsMax)).map(toPipeline) }
      : {}),
    ...(groupBy === 'daily_pipeline'
      ? { byDailyPipeline: (await sumUsageByDay(sql, query, rowsMax)).map(toDay) }
      : {}),
  };
}

function money(sum: UsageSum) {
  const markup = BigInt(sum.chargeMicros) - BigInt(sum.networkMicros);
  return {
    currency: 'USD',
    networkFeeUsdMicros: sum.networkMicros,
    ownerChargeUsdMicros: sum.chargeMicros,
    platformFeeUsdMicros: markup.toString(),
    endUserBillableUsdMicros: sum.chargeMicros,
  };
}

function toUser(sum: UserSum) {
  const isApp = sum.userId === '';
  return {
    endUserId: isApp ? 'app' : sum.userId,
    externalUserId: sum.externalUserId,
    requestCount: Number(sum.requestCount),
    feeWei: sum.feeWei,
    ...money(sum),
    userType: isApp ? 'app' : 'app_user',
    identifier: sum.externalUserId ?? (isApp ? 'app' : sum.userId),
  };
}

function toShortUser(sum: UserSum) {
  return {
    user_id: sum.userId === '' ? 'app' : sum.userId,
    external_id: sum.externalUserId,
    email: null,
    total_wei: sum.feeWei,
    request_count: Number(sum.requestCount),
    last_used_at: sum.lastUsedAt.toISOString(),
  };
}

function toPipeline(sum: PipelineSum) {
  return {
    pipeline: sum.pipeline,
    modelId: sum.model,
    requestCount: Number(sum.requestCount),
    networkFeeWei: sum.feeWei,
    ...money(sum),
  };
}

function toDay(sum: DailySum) {
  return { ...toPipeline(sum), date: sum.day };
}
