import type { Sql } from '@clearinghouse/shared';
import type { DrillCheck } from './drill-options.ts';
import type { AnswerBook } from './keep-answers.ts';

/** What an app had before the first payment. */
export type Opening = { readonly appId: string; readonly postedMicros: bigint };

type Rule = { readonly name: string; readonly query: string };

/** Each query gives one number that must be 0. */
const ZEROS: readonly Rule[] = [
  {
    name: 'currencies whose entries do not sum to zero',
    query: `select count(*) from (select currency from billing.ledger_entries
      group by currency having sum(amount) <> 0) as f`,
  },
  {
    name: 'holds open or disputed',
    query: 'select count(*) from billing.holds where state in (0, 4)',
  },
  { name: 'micro-USD still held', query: 'select coalesce(sum(held), 0) from billing.balances' },
  {
    name: 'settled holds without exactly one event',
    query: `select count(*) from (select h.id from billing.holds h
      left join billing.usage_events e on e.event_id = h.id
      where h.state = 1 group by h.id having count(e.event_id) <> 1) as f`,
  },
  {
    name: 'events without a settled hold',
    query: `select count(*) from billing.usage_events e left join billing.holds h
      on h.id = e.event_id and h.state = 1 where h.id is null`,
  },
  {
    name: 'payments with two events',
    query: `select count(*) from (select 1 from billing.usage_events
      group by sender, state_id, seq, fork_no having count(*) > 1) as f`,
  },
  {
    name: 'overlapping nonces of one recipient',
    query: `select count(*) from (select nonce_from, max(nonce_to) over (
        partition by sender, recipient_rand_hash order by nonce_from
        rows between unbounded preceding and 1 preceding) as before
      from billing.holds where state = 1) as f where before >= nonce_from`,
  },
  {
    name: 'fee (wei) of events minus daily totals',
    query: `select (select coalesce(sum(fee_wei), 0) from billing.usage_events)
      - (select coalesce(sum(fee_wei), 0) from billing.usage_daily)`,
  },
  {
    name: 'charges (micro-USD) of events minus hourly totals',
    query: `select (select coalesce(sum(charge_micros), 0) from billing.usage_events)
      - (select coalesce(sum(charge_micros), 0) from billing.usage_hourly)`,
  },
  {
    name: 'micro-USD not collected',
    query: `select coalesce(sum(e.amount), 0) from billing.ledger_entries e
      join billing.accounts a on a.id = e.account_id where a.kind = 'uncollected'`,
  },
  {
    name: 'alarms about settlements',
    query: `select count(*) from billing.alarms
      where kind in ('settle_unknown_hold', 'settle_mismatch', 'uncollected')`,
  },
];

/** Looks at the books past every service. */
export async function checkBooks(
  sql: Sql,
  input: { readonly answers: AnswerBook; readonly openings: readonly Opening[] },
): Promise<DrillCheck[]> {
  const checks: DrillCheck[] = [];
  for (const { name, query } of ZEROS) {
    const [row] = await sql.unsafe<Record<string, unknown>[]>(query);
    checks.push(compare(name, 0n, BigInt(String(Object.values(row ?? {})[0]))));
  }
  for (const opening of input.openings) checks.push(await checkBalance(sql, opening));
  checks.push(await checkAnswers(sql, input.answers));
  checks.push(compare('payments answered with different bytes', 0, input.answers.differing()));
  const unexpected = [...input.answers.unexpected()].map(([status, body]) => `${status} ${body}`);
  checks.push(compare('answers nothing explains', 'none', unexpected.join('; ') || 'none'));
  return checks;
}

async function checkBalance(sql: Sql, opening: Opening): Promise<DrillCheck> {
  const [row] = await sql<{ posted: string; charged: string }[]>`
    select b.posted::text as posted, (
        select coalesce(sum(charge_micros), 0)::text from billing.usage_events e
        where e.account_id = b.account_id) as charged
    from billing.balances b join billing.accounts a on a.id = b.account_id
    where a.app_id = ${opening.appId} and a.kind = 'prepaid' and b.currency = 'USD'`;
  if (!row) throw new Error(`${opening.appId} has no balance`);
  const expected = opening.postedMicros - BigInt(row.charged);
  const name = `balance of ${opening.appId} is opening - charges`;
  return compare(name, expected, BigInt(row.posted));
}

/** Every payment that a client received was charged, once. */
async function checkAnswers(sql: Sql, answers: AnswerBook): Promise<DrillCheck> {
  const hashes = [...answers.stateHashes()];
  const [row] = await sql<{ once: bigint }[]>`
    select count(*) as once from (
      select from unnest(${hashes}::text[]) as a(hex)
      join billing.holds h on h.new_state_hash = decode(a.hex, 'hex') and h.state = 1
      join billing.usage_events e on e.event_id = h.id
      group by a.hex having count(*) = 1) as f`;
  return compare('payments received with one event each', BigInt(hashes.length), row?.once ?? -1n);
}

/** A rule with what it wants and what was found. */
export function compare(
  name: string,
  expected: bigint | number | string,
  actual: bigint | number | string,
): DrillCheck {
  const [wanted, found] = [String(expected), String(actual)];
  return { name, expected: wanted, actual: found, holds: wanted === found };
}
