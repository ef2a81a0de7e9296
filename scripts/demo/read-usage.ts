import { amountIn, callApi } from './call-api.ts';
import type { DemoConfig } from './config.ts';

/** Usage of one payer: a user, or the app itself behind a gateway key. */
export type PayerUsage = {
  readonly requests: number;
  readonly feeWei: bigint;
  readonly chargeMicros: bigint;
};

/** An app's usage as the usage API tells it. */
export type Usage = {
  readonly totals: PayerUsage;
  /** By external user id; the app's own under {@link APP_PAYER}. */
  readonly byPayer: ReadonlyMap<string, PayerUsage>;
};

/** Name of the payer behind a gateway key. */
export const APP_PAYER = 'gateway key';

const NOTHING: PayerUsage = { requests: 0, feeWei: 0n, chargeMicros: 0n };

/** Reads the usage API, grouped by user. */
export async function readUsage(config: DemoConfig, token: string): Promise<Usage> {
  const answer = await callApi({
    method: 'GET',
    url: `${config.origin}/api/v1/apps/${config.app.id}/usage?groupBy=user`,
    credential: { kind: 'bearer', token },
  });
  const totals = answer.totals as Record<string, unknown>;
  const rows = (answer.byUser ?? []) as Record<string, unknown>[];
  const byPayer = new Map<string, PayerUsage>();
  for (const row of rows) {
    const payer = typeof row.externalUserId === 'string' ? row.externalUserId : APP_PAYER;
    const known = byPayer.get(payer) ?? NOTHING;
    byPayer.set(payer, sum(known, toPayerUsage(row, 'feeWei')));
  }
  return { totals: toPayerUsage(totals, 'totalFeeWei'), byPayer };
}

/** What was used between two readings. */
export function usageBetween(before: Usage, after: Usage): Usage {
  const byPayer = new Map<string, PayerUsage>();
  for (const [payer, usage] of after.byPayer) {
    byPayer.set(payer, difference(before.byPayer.get(payer) ?? NOTHING, usage));
  }
  return { totals: difference(before.totals, after.totals), byPayer };
}

/** Usage of one payer; nothing when it has none. */
export function usageOf(usage: Usage, payer: string): PayerUsage {
  return usage.byPayer.get(payer) ?? NOTHING;
}

function toPayerUsage(row: Record<string, unknown>, feeName: string): PayerUsage {
  return {
    requests: Number(row.requestCount),
    feeWei: amountIn(row, feeName),
    chargeMicros: amountIn(row, 'endUserBillableUsdMicros'),
  };
}

function sum(left: PayerUsage, right: PayerUsage): PayerUsage {
  return {
    requests: left.requests + right.requests,
    feeWei: left.feeWei + right.feeWei,
    chargeMicros: left.chargeMicros + right.chargeMicros,
  };
}

function difference(before: PayerUsage, after: PayerUsage): PayerUsage {
  return {
    requests: after.requests - before.requests,
    feeWei: after.feeWei - before.feeWei,
    chargeMicros: after.chargeMicros - before.chargeMicros,
  };
}
