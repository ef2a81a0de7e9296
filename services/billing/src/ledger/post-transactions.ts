import type { Transaction } from '@clearinghouse/shared';
import { inOneFlight } from '../db/in-one-flight.ts';
import { isBalanced, type Posting } from './account.ts';

/** One transaction of the ledger. */
export type LedgerTransaction = {
  /** The hold's id for a settlement: one hold can post once. */
  readonly id: string;
  readonly kind: 'settlement' | 'credit' | 'adjustment' | 'reversal' | 'chain';
  /** Absent for what is no customer's. */
  readonly appId?: string | undefined;
  readonly effectiveAtMs: number;
  readonly reason?: string | undefined;
  /** The transaction that this one undoes; each can be undone once. */
  readonly reversesId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** SHA-256 of the input, hex. */
  readonly bodyHash?: string | undefined;
  readonly postings: readonly Posting[];
};

/**
 * Writes transactions into the ledger and moves the stored balances of those accounts that have
 * one. The only writer of either. The caller holds the locks of those balances.
 *
 * @throws Error when a transaction does not sum to zero in each currency (SQL checks it again).
 */
export async function postTransactions(
  tx: Transaction,
  transactions: readonly LedgerTransaction[],
): Promise<void> {
  if (transactions.length === 0) return;
  const broken = transactions.find(({ postings }) => !isBalanced(postings));
  if (broken) throw new Error(`ledger transaction ${broken.id} does not sum to zero`);
  await inOneFlight([
    insertTransactions(tx, transactions),
    insertEntries(tx, transactions),
    movePosted(tx, transactions),
  ]);
}

async function insertTransactions(
  tx: Transaction,
  transactions: readonly LedgerTransaction[],
): Promise<void> {
  const rows = transactions.map((entry) => ({
    id: entry.id,
    kind: entry.kind,
    app_id: entry.appId ?? null,
    reason: entry.reason ?? null,
    effective_at: new Date(entry.effectiveAtMs).toISOString(),
    reverses_id: entry.reversesId ?? null,
    idempotency_key: entry.idempotencyKey ?? null,
    body_hash: entry.bodyHash ?? null,
  }));
  await tx`
    insert into billing.ledger_txns
      (id, kind, app_id, reason, effective_at, reverses_id, idempotency_key, body_hash)
    select id, kind, app_id, reason, effective_at, reverses_id, idempotency_key,
      decode(body_hash, 'hex')
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, kind text,
      app_id text, reason text, effective_at timestamptz, reverses_id uuid, idempotency_key text,
      body_hash text)`;
}

async function insertEntries(
  tx: Transaction,
  transactions: readonly LedgerTransaction[],
): Promise<void> {
  const rows = transactions.flatMap(({ id, postings }) =>
    postings.map((posting, seq) => ({
      txn_id: id,
      seq,
      account_id: posting.accountId.toString(),
      currency: posting.currency,
      amount: posting.amount.toString(),
    })),
  );
  await tx`
    insert into billing.ledger_entries (txn_id, seq, account_id, currency, amount)
    select txn_id, seq, account_id, currency, amount
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(txn_id uuid, seq smallint,
      account_id bigint, currency text, amount numeric)`;
}

async function movePosted(
  tx: Transaction,
  transactions: readonly LedgerTransaction[],
): Promise<void> {
  const sums = new Map<string, { account_id: string; currency: string; amount: bigint }>();
  for (const { accountId, currency, amount } of transactions.flatMap((one) => one.postings)) {
    const key = `${accountId} ${currency}`;
    const sum = sums.get(key) ?? { account_id: accountId.toString(), currency, amount: 0n };
    sum.amount += amount;
    sums.set(key, sum);
  }
  const rows = [...sums.values()].map((sum) => ({ ...sum, amount: sum.amount.toString() }));
  await tx`
    update billing.balances b set posted = b.posted + d.amount, version = b.version + 1
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as d(account_id bigint, currency text, amount numeric)
    where b.account_id = d.account_id and b.currency = d.currency`;
}
