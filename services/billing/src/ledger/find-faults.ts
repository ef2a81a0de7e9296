import type { Transaction } from '@clearinghouse/shared';

/** One rule of the books that must hold at every moment. */
export type ReconcileRule =
  | 'entries_sum_to_zero'
  | 'entries_have_transaction'
  | 'posted_is_sum_of_entries'
  | 'held_is_sum_of_open_holds'
  | 'caps_held_is_sum_of_open_holds'
  | 'daily_is_sum_of_events'
  | 'hourly_is_sum_of_events'
  | 'requests_are_held_once'
  | 'settled_holds_have_events'
  | 'events_are_posted'
  | 'charges_are_exact';

/** Where a rule is broken: what, and what both sides say. */
export type ReconcileFault = {
  readonly rule: ReconcileRule;
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
};

const FAULTS_PER_RULE_MAX = 100;

const SUMS = ['request_count', 'fee_wei', 'ticket_ev_wei', 'charge_micros', 'network_micros'];
const GROUP = ['app_id', 'user_id', 'key_id', 'client_id', 'pipeline', 'model'];

/** The events summed as a rollup has them, against the rollup. */
function rollupQuery(table: string, bucket: string, expression: string): string {
  const row = (alias: string) => SUMS.map((name) => `${alias}.${name}`).join(', ');
  return `
    with raw as (
      select app_id, ${expression} as bucket, coalesce(user_id, '') as user_id,
        coalesce(key_id, '') as key_id, coalesce(client_id, '') as client_id, pipeline, model,
        count(*) as request_count, sum(fee_wei) as fee_wei, sum(ticket_ev_wei) as ticket_ev_wei,
        sum(charge_micros) as charge_micros, sum(network_micros) as network_micros
      from billing.usage_events group by 1, 2, 3, 4, 5, 6, 7
    )
    select concat_ws(' ', coalesce(raw.app_id, s.app_id), coalesce(raw.bucket, s.${bucket}),
        coalesce(raw.user_id, s.user_id)) as subject,
      row(${row('raw')})::text as expected, row(${row('s')})::text as actual
    from raw full join ${table} s on raw.bucket = s.${bucket}
      and ${GROUP.map((name) => `raw.${name} = s.${name}`).join(' and ')}
    where row(${row('raw')}) is distinct from row(${row('s')})`;
}

const ID_HOUR = `date_trunc('hour', to_timestamp(
  ('x' || left(replace(event_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0), 'UTC')`;

/** Each query gives the rows that break its rule. */
const RULES: Readonly<Record<ReconcileRule, string>> = {
  entries_sum_to_zero: `
    select currency as subject, '0' as expected, sum(amount)::text as actual
    from billing.ledger_entries group by currency having sum(amount) <> 0
    union all
    select txn_id::text, '0', sum(amount)::text
    from billing.ledger_entries group by txn_id, currency having sum(amount) <> 0`,
  entries_have_transaction: `
    select e.txn_id::text as subject, 'a transaction' as expected, 'none' as actual
    from billing.ledger_entries e
    where not exists (select from billing.ledger_txns t where t.id = e.txn_id)
    union all
    select t.id::text, 'entries', 'none' from billing.ledger_txns t
    where not exists (select from billing.ledger_entries e where e.txn_id = t.id)`,
  posted_is_sum_of_entries: `
    select a.name || ' ' || b.currency as subject, coalesce(e.total, 0)::text as expected,
      b.posted::text as actual
    from billing.balances b join billing.accounts a on a.id = b.account_id
    left join (select account_id, currency, sum(amount) as total from billing.ledger_entries
      group by account_id, currency) e using (account_id, currency)
    where b.posted <> coalesce(e.total, 0)`,
  held_is_sum_of_open_holds: `
    select a.name as subject, coalesce(h.total, 0)::text as expected, b.held::text as actual
    from billing.balances b join billing.accounts a on a.id = b.account_id
    left join (select account_id, sum(charge_hold_micros) as total from billing.holds
      where state in (0, 4) group by account_id) h using (account_id)
    where b.currency = 'USD' and b.held <> coalesce(h.total, 0)`,
  caps_held_is_sum_of_open_holds: `
    with open as (
      select app_id, subject, key_id, charge_hold_micros as charge,
        ticket_ev_wei - fee_wei as credit
      from billing.holds where state in (0, 4)
    ), total as (
      select app_id, 'app' as scope, app_id as scope_id, sum(charge) as charge,
        sum(credit) as credit from open group by app_id
      union all
      select app_id, 'user', subject, sum(charge), sum(credit) from open
      where subject <> 'app' group by app_id, subject
      union all
      select app_id, 'key', key_id, sum(charge), sum(credit) from open
      where key_id is not null group by app_id, key_id
    )
    select concat_ws(' ', c.app_id, c.scope, c.scope_id, c.metric, c.period) as subject,
      coalesce(case c.metric when 'charge_micros' then t.charge else t.credit end, 0)::text
        as expected, c.held::text as actual
    from billing.caps c left join total t using (app_id, scope, scope_id)
    where c.held
      <> coalesce(case c.metric when 'charge_micros' then t.charge else t.credit end, 0)`,
  daily_is_sum_of_events: rollupQuery('billing.usage_daily', 'day', 'day'),
  hourly_is_sum_of_events: rollupQuery('billing.usage_hourly', 'hour', ID_HOUR),
  requests_are_held_once: `
    select concat_ws(' ', state_id, seq, encode(request_hash, 'hex')) as subject, '1' as expected,
      count(*)::text as actual
    from billing.holds group by sender, state_id, seq, request_hash having count(*) > 1`,
  settled_holds_have_events: `
    select h.id::text as subject, 'an event' as expected, 'none' as actual
    from billing.holds h where h.state = 1
      and not exists (select from billing.usage_events e where e.event_id = h.id)
    union all
    select e.event_id::text, 'a settled hold', h.state::text
    from billing.usage_events e join billing.holds h on h.id = e.event_id where h.state <> 1`,
  events_are_posted: `
    select e.event_id::text as subject, e.charge_micros::text as expected,
      coalesce(p.usd, 0)::text as actual
    from billing.usage_events e left join (
      select x.txn_id, -sum(x.amount) as usd from billing.ledger_entries x
      join billing.accounts a on a.id = x.account_id
      where a.kind in ('prepaid', 'uncollected') and x.currency = 'USD' group by x.txn_id
    ) p on p.txn_id = e.event_id
    where e.charge_micros <> coalesce(p.usd, 0)`,
  charges_are_exact: `
    select a.name as subject, (sum(e.charge_exact) - b.remainder)::text as expected,
      (sum(e.charge_micros) * 1e24)::text as actual
    from billing.usage_events e join billing.accounts a on a.id = e.account_id
    join billing.balances b on b.account_id = a.id and b.currency = 'USD'
    group by a.name, b.remainder
    having sum(e.charge_exact) - b.remainder <> sum(e.charge_micros) * 1e24`,
};

type FaultRow = { subject: string; expected: string; actual: string | null };

/**
 * Looks for broken rules of the books, in the snapshot of the caller's transaction.
 *
 * @returns every fault, at most 100 of each rule.
 */
export async function findFaults(tx: Transaction): Promise<readonly ReconcileFault[]> {
  const faults: ReconcileFault[] = [];
  for (const [rule, query] of Object.entries(RULES)) {
    const rows = await tx.unsafe<FaultRow[]>(
      `select * from (${query}) as f limit ${FAULTS_PER_RULE_MAX}`,
    );
    faults.push(...rows.map((row) => toFault(rule as ReconcileRule, row)));
  }
  return faults;
}

function toFault(rule: ReconcileRule, row: FaultRow): ReconcileFault {
  return { rule, subject: row.subject, expected: row.expected, actual: row.actual ?? 'none' };
}
