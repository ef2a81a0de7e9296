import type { Database } from '@clearinghouse/shared';

/** One transaction as it is shown: the newest first. */
export type LedgerLine = {
  readonly id: string;
  readonly kind: string;
  readonly reason: string | null;
  readonly effectiveAt: string;
  readonly createdAt: string;
  readonly postings: readonly {
    readonly account: string;
    readonly currency: string;
    /** micro-USD or wei, decimal text. */
    readonly amount: string;
  }[];
};

/** Sums of an app's transactions on one account, the platform's included. */
export type AccountSum = {
  readonly name: string;
  readonly currency: string;
  readonly amount: string;
};

/**
 * A page of an app's ledger.
 *
 * @param input.before the id of the last transaction of the page before.
 */
export async function readLedger(
  deps: { readonly sql: Database },
  input: { appId: string; before: string | undefined; itemsMax: number },
): Promise<readonly LedgerLine[]> {
  const { sql } = deps;
  const rows = await sql<LedgerRow[]>`
    select t.id, t.kind, t.reason, t.effective_at, t.created_at, (
      select json_agg(json_build_object('account', a.name, 'currency', e.currency,
        'amount', e.amount::text) order by e.seq)
      from billing.ledger_entries e join billing.accounts a on a.id = e.account_id
      where e.txn_id = t.id) as postings
    from billing.ledger_txns t
    where t.app_id = ${input.appId}
      and (${input.before ?? null}::uuid is null or t.id < ${input.before ?? null}::uuid)
    order by t.id desc limit ${input.itemsMax}`;
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    reason: row.reason,
    effectiveAt: row.effective_at.toISOString(),
    createdAt: row.created_at.toISOString(),
    postings: row.postings ?? [],
  }));
}

/** Sums an app's transactions by account. */
export async function sumLedger(
  deps: { readonly sql: Database },
  appId: string,
): Promise<readonly AccountSum[]> {
  return await deps.sql<AccountSum[]>`
    select a.name, e.currency, sum(e.amount)::text as amount
    from billing.ledger_txns t
    join billing.ledger_entries e on e.txn_id = t.id
    join billing.accounts a on a.id = e.account_id
    where t.app_id = ${appId} group by a.name, e.currency order by a.name, e.currency`;
}

type LedgerRow = {
  id: string;
  kind: string;
  reason: string | null;
  effective_at: Date;
  created_at: Date;
  postings: LedgerLine['postings'] | null;
};
