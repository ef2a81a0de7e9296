import type { Database } from '@clearinghouse/shared';

/** The prepaid balance of an app, in micro-USD. */
export type AppBalance = {
  readonly postedMicros: bigint;
  /** Reserved by open holds. */
  readonly heldMicros: bigint;
  readonly creditLimitMicros: bigint;
  /** What may be spent now. */
  readonly availableMicros: bigint;
  /** What was used and could not be paid. */
  readonly owedMicros: bigint;
  /** All credit ever posted. */
  readonly grantedMicros: bigint;
  readonly isSuspended: boolean;
};

/** Reads an app's balance; `undefined` when no credit was ever posted to it. */
export async function readBalance(
  deps: { readonly sql: Database },
  appId: string,
): Promise<AppBalance | undefined> {
  const [row] = await deps.sql<BalanceRow[]>`
    select b.posted, b.held, b.credit_limit, a.suspended_at is not null as is_suspended,
      coalesce((select -o.posted from billing.accounts u
        join billing.balances o on o.account_id = u.id and o.currency = 'USD'
        where u.kind = 'uncollected' and u.app_id = a.app_id), 0) as owed,
      coalesce((select sum(e.amount) from billing.ledger_txns t
        join billing.ledger_entries e on e.txn_id = t.id
        join billing.accounts g on g.id = e.account_id
        where t.app_id = a.app_id and t.kind = 'credit' and e.currency = 'USD'
          and g.app_id = a.app_id), 0) as granted
    from billing.accounts a
    join billing.balances b on b.account_id = a.id and b.currency = 'USD'
    where a.kind = 'prepaid' and a.app_id = ${appId}`;
  if (!row) return undefined;
  const [posted, held, limit] = [row.posted, row.held, row.credit_limit].map(BigInt) as [
    bigint,
    bigint,
    bigint,
  ];
  return {
    postedMicros: posted,
    heldMicros: held,
    creditLimitMicros: limit,
    availableMicros: posted - held + limit,
    owedMicros: BigInt(row.owed),
    grantedMicros: BigInt(row.granted),
    isSuspended: row.is_suspended,
  };
}

type BalanceRow = {
  posted: string;
  held: string;
  credit_limit: string;
  is_suspended: boolean;
  owed: string;
  granted: string;
};
