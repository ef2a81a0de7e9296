import type { Transaction } from '@clearinghouse/shared';
import type { Posting } from '../ledger/account.ts';
import { accountIdOf } from '../ledger/ensure-accounts.ts';
import { type LedgerTransaction, postTransactions } from '../ledger/post-transactions.ts';
import type { ChainPosting } from './chain-postings.ts';

/** Names of ledger accounts to their ids. */
export type LedgerIds = ReadonlyMap<string, bigint>;

/** One transaction of what the chain moved; absent when it moved nothing. */
export function toChainTransaction(
  ids: LedgerIds,
  entry: {
    readonly id: string;
    readonly nowMs: number;
    readonly reason: string;
    readonly postings: readonly ChainPosting[];
  },
): LedgerTransaction | undefined {
  if (entry.postings.length === 0) return undefined;
  return {
    id: entry.id,
    kind: 'chain',
    effectiveAtMs: entry.nowMs,
    reason: entry.reason,
    postings: entry.postings.map(
      ({ account, amount }): Posting => ({
        accountId: accountIdOf(ids, account),
        currency: 'WEI',
        amount,
      }),
    ),
  };
}

type EntryRow = { txn_id: string; account_id: bigint; amount: string };

/** Undoes ledger transactions by others: the ledger is append-only. */
export async function reverseTransactions(
  tx: Transaction,
  undone: readonly { readonly txnId: string; readonly reversalId: string }[],
  cause: { readonly nowMs: number; readonly reason: string },
): Promise<void> {
  if (undone.length === 0) return;
  const rows = await tx<EntryRow[]>`
    select txn_id, account_id, amount from billing.ledger_entries
    where txn_id = any(${undone.map(({ txnId }) => txnId)}::uuid[]) order by txn_id, seq`;
  await postTransactions(
    tx,
    undone.map(({ txnId, reversalId }) => ({
      id: reversalId,
      kind: 'reversal' as const,
      reversesId: txnId,
      effectiveAtMs: cause.nowMs,
      reason: cause.reason,
      postings: rows
        .filter((row) => row.txn_id === txnId)
        .map(
          (row): Posting => ({
            accountId: row.account_id,
            currency: 'WEI',
            amount: -BigInt(row.amount),
          }),
        ),
    })),
  );
}
