import { type Sql, type Transaction, withTransaction } from '@clearinghouse/shared';
import { prepaidAccount } from '../ledger/account.ts';
import { type AccountIds, ensureAccounts } from '../ledger/ensure-accounts.ts';
import type { CapMetric, CapPeriod, CapScope } from './cap.ts';

/** A cap as an operator sets it; without a limit it is removed. */
export type CapSetting = {
  readonly scope: CapScope;
  readonly scopeId: string;
  readonly metric: CapMetric;
  readonly period: CapPeriod;
  /** micro-USD, or wei for session credit. */
  readonly limit: bigint | undefined;
};

export type PutCapsDeps = { readonly sql: Sql; readonly accountIds: AccountIds };

/**
 * Sets or removes caps of an app. A new cap counts from the start: what its window has used and
 * what open holds reserve is read under the lock of the app's balance, which every hold takes.
 */
export async function putCaps(
  deps: PutCapsDeps,
  input: { appId: string; caps: readonly CapSetting[] },
): Promise<void> {
  const { appId } = input;
  await withTransaction(
    deps.sql,
    async (tx) => {
      const ids = await ensureAccounts(tx, deps.accountIds, [prepaidAccount(appId)]);
      await tx`
        select from billing.balances
        where currency = 'USD' and account_id = any(${[...ids.values()].map(String)}::text[]::bigint[])
        order by account_id for update`;
      for (const cap of input.caps) await putCap(tx, appId, cap);
    },
    { idempotent: true },
  );
}

async function putCap(tx: Transaction, appId: string, cap: CapSetting): Promise<void> {
  const { scope, scopeId, metric, period } = cap;
  const isCredit = metric === 'session_credit_wei';
  if (cap.limit === undefined && !isCredit) {
    await tx`
      delete from billing.caps where app_id = ${appId} and scope = ${scope}
        and scope_id = ${scopeId} and metric = ${metric} and period = ${period}`;
    return;
  }
  const limit = cap.limit?.toString() ?? null;
  const updated = await tx`
    update billing.caps set limit_amount = ${limit}, updated_at = clock_timestamp()
    where app_id = ${appId} and scope = ${scope} and scope_id = ${scopeId}
      and metric = ${metric} and period = ${period}`;
  if (updated.count > 0 || limit === null) return;
  const column = scope === 'user' ? tx`user_id` : tx`key_id`;
  const owner = scope === 'app' ? tx`true` : tx`${column} = ${scopeId}`;
  const held = isCredit ? tx`ticket_ev_wei - fee_wei` : tx`charge_hold_micros`;
  const used = isCredit ? tx`ticket_ev_wei - fee_wei` : tx`charge_micros`;
  await tx`
    insert into billing.caps (app_id, scope, scope_id, metric, period, limit_amount, window_start,
      held, used)
    select ${appId}, ${scope}, ${scopeId}, ${metric}, ${period}, ${limit}, w.first_day,
      coalesce((select sum(${held}) from billing.holds
        where state in (0, 4) and app_id = ${appId} and ${owner}), 0),
      greatest(0, coalesce((select sum(${used}) from billing.usage_daily
        where app_id = ${appId} and day >= w.first_day and ${owner}), 0))
    from (select case ${period}::text
        when 'day' then today when 'month' then date_trunc('month', today)::date
        else date '1970-01-01' end as first_day
      from (select (clock_timestamp() at time zone 'utc')::date as today) as t) as w`;
}
