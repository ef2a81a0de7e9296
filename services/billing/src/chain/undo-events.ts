import type { BlockRef, Transaction } from '@clearinghouse/shared';
import { mintHoldIds } from '../holds/mint-hold-id.ts';
import { bookFunds } from './book-funds.ts';
import { type ChainBook, toAddress } from './chain-book.ts';
import { reverseTransactions } from './post-chain.ts';

type RemovedRow = {
  name: string;
  sender: Buffer;
  amount_wei: string | null;
  reserve_wei: string | null;
  txn_id: string | null;
};
type SenderRow = { opening_txn_id: string | null };

/**
 * The chain has other blocks now after `to`: what was stored beyond it is marked, its ledger
 * transactions are reversed, and the cursor goes back. Accounts that were opened beyond are opened
 * anew.
 */
export async function undoEvents(tx: Transaction, book: ChainBook, to: BlockRef): Promise<void> {
  const { chain } = book;
  const removed = await tx<RemovedRow[]>`
    update billing.chain_events set removed_at = clock_timestamp()
    where chain = ${chain} and block_number > ${to.number} and removed_at is null
    returning name, sender, amount_wei, reserve_wei, txn_id`;
  const closed = await tx<SenderRow[]>`
    delete from billing.chain_senders where chain = ${chain} and opened_number > ${to.number}
    returning opening_txn_id`;
  const txnIds = [
    ...removed.flatMap(({ txn_id: id }) => id ?? []),
    ...closed.flatMap(({ opening_txn_id: id }) => id ?? []),
  ];
  const reversals = mintHoldIds(book.nowMs, txnIds.length);
  await reverseTransactions(
    tx,
    txnIds.map((txnId, index) => ({ txnId, reversalId: reversals[index] ?? '' })),
    { nowMs: book.nowMs, reason: `${chain} was reorganised after block ${to.number}` },
  );
  await bookFunds(tx, chain, removed.map(toMove));
  await tx`
    delete from billing.chain_blocks where chain = ${chain} and number > ${to.number}`;
  await tx`
    update billing.chains set cursor_number = ${to.number},
      cursor_hash = ${Buffer.from(to.hash, 'hex')}, reorganisations = reorganisations + 1,
      updated_at = clock_timestamp()
    where chain = ${chain}`;
}

/** What the event moved, the other way round. */
function toMove(row: RemovedRow) {
  const amount = BigInt(row.amount_wei ?? 0);
  const reserve = BigInt(row.reserve_wei ?? 0);
  const back = (depositWei: bigint, reserveWei: bigint) => ({
    sender: toAddress(row.sender),
    moved: { depositWei, reserveWei },
  });
  if (row.name === 'DepositFunded') return back(-amount, 0n);
  if (row.name === 'ReserveFunded') return back(0n, -amount);
  if (row.name === 'ReserveClaimed') return back(-amount, amount);
  if (row.name === 'WinningTicketTransfer') return back(amount, 0n);
  if (row.name === 'Withdrawal') return back(amount, reserve);
  return back(0n, 0n);
}
