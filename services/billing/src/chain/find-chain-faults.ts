import type { Transaction } from '@clearinghouse/shared';

/** One rule that ties the books to the chain. */
export type ChainRule =
  | 'chain_deposit_is_ledger'
  | 'chain_reserve_is_ledger'
  | 'chain_events_are_posted'
  | 'removed_events_are_reversed'
  | 'redemptions_are_known';

/** Where a rule is broken: what, and what both sides say. */
export type ChainFault = {
  readonly rule: ChainRule;
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
};

const FAULTS_PER_RULE_MAX = 100;

/** The contract's own word, against the entries; only where both speak of the same block. */
function fundsQuery(part: 'deposit' | 'reserve'): string {
  return `
    select s.chain || ' 0x' || encode(s.sender, 'hex') || ' block ' || s.observed_number as subject,
      s.observed_${part}_wei::text as expected, (-coalesce(e.total, 0))::text as actual
    from billing.chain_senders s join billing.chains c using (chain)
    left join billing.accounts a
      on a.name = 'chain:' || s.chain || ':0x' || encode(s.sender, 'hex') || ':${part}'
    left join lateral (select sum(amount) as total from billing.ledger_entries
      where account_id = a.id and currency = 'WEI') e on true
    where s.observed_number = c.cursor_number
      and (s.observed_${part}_wei <> -coalesce(e.total, 0)
        or s.booked_${part}_wei <> -coalesce(e.total, 0))`;
}

const RULES: Readonly<Record<ChainRule, string>> = {
  chain_deposit_is_ledger: fundsQuery('deposit'),
  chain_reserve_is_ledger: fundsQuery('reserve'),
  chain_events_are_posted: `
    select e.id::text as subject, 'a transaction' as expected, 'none' as actual
    from billing.chain_events e where e.removed_at is null
      and (e.amount_wei > 0 or e.reserve_wei > 0)
      and not exists (select from billing.ledger_txns t where t.id = e.txn_id
        and not exists (select from billing.ledger_txns r where r.reverses_id = t.id))`,
  removed_events_are_reversed: `
    select e.id::text as subject, 'a reversal' as expected, 'none' as actual
    from billing.chain_events e where e.removed_at is not null and e.txn_id is not null
      and not exists (select from billing.ledger_txns r where r.reverses_id = e.txn_id)`,
  redemptions_are_known: `
    select a.subject, 'a ticket signed here' as expected, 'unknown' as actual
    from billing.alarms a where a.kind = 'redemption_unknown' and a.cleared_at is null`,
};

type FaultRow = { subject: string; expected: string; actual: string };

/**
 * Compares the books with what the chain said last, in the snapshot of the caller's transaction.
 *
 * @returns every difference, at most 100 of each rule.
 */
export async function findChainFaults(tx: Transaction): Promise<readonly ChainFault[]> {
  const faults: ChainFault[] = [];
  for (const [rule, query] of Object.entries(RULES)) {
    const rows = await tx.unsafe<FaultRow[]>(
      `select * from (${query}) as f limit ${FAULTS_PER_RULE_MAX}`,
    );
    for (const { subject, expected, actual } of rows) {
      faults.push({ rule: rule as ChainRule, subject, expected, actual });
    }
  }
  return faults;
}
