import type { BlockRef, ChainRequest, SenderFundsAt, Transaction } from '@clearinghouse/shared';
import { mintHoldId } from '../holds/mint-hold-id.ts';
import { type AccountIds, ensureAccounts } from '../ledger/ensure-accounts.ts';
import { postTransactions } from '../ledger/post-transactions.ts';
import { chainAccounts, listAccounts } from './chain-account.ts';
import { type ChainBook, isSameBlock, lockChain } from './chain-book.ts';
import { postingsOf } from './chain-postings.ts';
import { toChainTransaction } from './post-chain.ts';

export type OpenStep = Extract<ChainRequest['step'], { kind: 'open' }>;

/**
 * Begins to follow accounts: what they have at that block is the opening entry, and tickets of
 * earlier rounds are not ours.
 *
 * @returns false when the books stand elsewhere by now.
 */
export async function openAccounts(
  tx: Transaction,
  deps: { readonly accountIds: AccountIds },
  request: ChainRequest,
  step: OpenStep,
): Promise<boolean> {
  const { chain } = request;
  if (step.after === null) await insertChain(tx, request, step.at);
  const book = await lockChain(tx, chain);
  if (!book || !isSameBlock(book.cursor, step.at)) return false;
  const known = new Set(book.senders.map(({ sender }) => sender));
  const fresh = step.accounts.filter(({ sender }) => !known.has(sender));
  const names = fresh.flatMap(({ sender }) => listAccounts(chainAccounts(chain, sender)));
  const ids = await ensureAccounts(tx, deps.accountIds, names);
  for (const funds of fresh) {
    const id = mintHoldId(book.nowMs);
    const { depositWei, reserveWei } = funds;
    const accounts = chainAccounts(chain, funds.sender);
    const transaction = toChainTransaction(ids, {
      id,
      nowMs: book.nowMs,
      reason: `opening of ${chain} at block ${book.cursor.number}`,
      postings: postingsOf(accounts, { depositWei, reserveWei }),
    });
    if (transaction) await postTransactions(tx, [transaction]);
    await insertSender(tx, book, funds, transaction?.id ?? null);
  }
  return true;
}

async function insertChain(tx: Transaction, request: ChainRequest, at: BlockRef): Promise<void> {
  const hash = Buffer.from(at.hash, 'hex');
  await tx`
    insert into billing.chains (chain, chain_id, ticket_broker, opened_number, opened_hash,
      cursor_number, cursor_hash)
    values (${request.chain}, ${request.chainId.toString()},
      ${Buffer.from(request.ticketBroker.slice(2), 'hex')}, ${at.number}, ${hash}, ${at.number},
      ${hash})
    on conflict (chain) do nothing`;
}

async function insertSender(
  tx: Transaction,
  book: ChainBook,
  funds: SenderFundsAt,
  openingTxnId: string | null,
): Promise<void> {
  const deposit = funds.depositWei.toString();
  const reserve = funds.reserveWei.toString();
  const round = funds.lastInitializedRound.toString();
  await tx`
    insert into billing.chain_senders (chain, sender, opened_number, opening_txn_id,
      adopted_at_round, booked_deposit_wei, booked_reserve_wei, observed_deposit_wei,
      observed_reserve_wei, observed_withdraw_round, observed_round, observed_number)
    values (${book.chain}, ${Buffer.from(funds.sender.slice(2), 'hex')}, ${book.cursor.number},
      ${openingTxnId}, ${round}, ${deposit}, ${reserve}, ${deposit}, ${reserve},
      ${funds.withdrawRound.toString()}, ${round}, ${book.cursor.number})`;
}
