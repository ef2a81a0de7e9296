import type { Address, Transaction } from '@clearinghouse/shared';
import { type Alarm, raiseAlarms } from '../alarms/raise-alarms.ts';
import { mintHoldId } from '../holds/mint-hold-id.ts';
import { type AccountIds, ensureAccounts } from '../ledger/ensure-accounts.ts';
import { postTransactions } from '../ledger/post-transactions.ts';
import { chainAccounts, listAccounts, type RedemptionKind } from './chain-account.ts';
import { type ChainBook, toAddress } from './chain-book.ts';
import { postingsOf } from './chain-postings.ts';
import type { ChainRules } from './chain-rules.ts';
import type { Judgement, Redemption } from './judge-redemption.ts';
import { judgeRedemptions } from './judge-redemptions.ts';
import { reverseTransactions, toChainTransaction } from './post-chain.ts';
import type { ChainNews } from './store-events.ts';

const AT_ONCE_MAX = 200;

type OpenRow = {
  id: string;
  transaction_hash: Buffer;
  log_index: bigint;
  sender: Buffer;
  recipient: Buffer;
  face_value_wei: string;
  win_prob: string;
  sender_nonce: string;
  recipient_rand_hash: Buffer;
  creation_round: string | null;
  creation_block_hash: Buffer | null;
  paid_wei: string;
  redemption: RedemptionKind;
  transfer_id: string | null;
  txn_id: string | null;
};

/**
 * Looks again at redemptions that nobody could be named for, or whose hold was not settled yet: a
 * settlement may have come since. What a redemption was set against is moved by a reversal and a
 * new transaction.
 */
export async function judgeAgain(
  tx: Transaction,
  deps: { readonly accountIds: AccountIds; readonly rules: ChainRules },
  book: ChainBook,
): Promise<ChainNews> {
  const rows = await readOpen(tx, book.chain);
  const judgements = await judgeRedemptions(
    tx,
    { book, rules: deps.rules },
    rows.map(toRedemption),
  );
  const changed = rows.flatMap((row, index) => {
    const judgement = judgements[index];
    return judgement && judgement.kind !== row.redemption ? [{ row, judgement }] : [];
  });
  const alarms: Alarm[] = [];
  for (const { row, judgement } of changed) {
    await moveJudgement(tx, deps, book, { row, judgement });
    if (judgement.kind === 'unknown') alarms.push(alarmOf(book, row));
  }
  await raiseAlarms(tx, alarms);
  return { redemptions: changed.map(({ judgement }) => judgement.kind), alarms };
}

async function readOpen(tx: Transaction, chain: string): Promise<OpenRow[]> {
  return await tx<OpenRow[]>`
    select e.id, e.transaction_hash, e.log_index, e.sender, e.recipient, e.face_value_wei,
      e.win_prob, e.sender_nonce, e.recipient_rand_hash, e.creation_round, e.creation_block_hash,
      e.paid_wei, e.redemption, e.transfer_id, t.txn_id
    from billing.chain_events e left join billing.chain_events t on t.id = e.transfer_id
    where e.chain = ${chain} and e.removed_at is null and e.redemption in ('unsettled', 'unknown')
    order by e.id desc limit ${AT_ONCE_MAX}`;
}

async function moveJudgement(
  tx: Transaction,
  deps: { readonly accountIds: AccountIds },
  book: ChainBook,
  { row, judgement }: { row: OpenRow; judgement: Judgement },
): Promise<void> {
  const { nowMs, chain } = book;
  await tx`
    update billing.chain_events set redemption = ${judgement.kind},
      hold_id = ${judgement.holdId ?? null}
    where id = ${row.id}`;
  const accounts = chainAccounts(chain, toAddress(row.sender));
  const before = accounts.redeemed[row.redemption].name;
  if (row.txn_id === null || accounts.redeemed[judgement.kind].name === before) return;
  const reason = `redemption judged again: ${judgement.kind}`;
  const undone = { txnId: row.txn_id, reversalId: mintHoldId(nowMs) };
  await reverseTransactions(tx, [undone], { nowMs, reason });
  const ids = await ensureAccounts(tx, deps.accountIds, listAccounts(accounts));
  const moved = { depositWei: -BigInt(row.paid_wei), reserveWei: 0n };
  const postings = postingsOf(accounts, moved, judgement.kind);
  const transaction = toChainTransaction(ids, { id: mintHoldId(nowMs), nowMs, reason, postings });
  if (transaction) await postTransactions(tx, [transaction]);
  await tx`
    update billing.chain_events set txn_id = ${transaction?.id ?? null}
    where id = ${row.transfer_id}`;
}

function toRedemption(row: OpenRow): Redemption {
  const { creation_round: round, creation_block_hash: hash } = row;
  const hasCreation = round !== null && hash !== null;
  return {
    sender: toAddress(row.sender),
    recipient: toAddress(row.recipient) as Address,
    faceValueWei: BigInt(row.face_value_wei),
    winProb: BigInt(row.win_prob),
    senderNonce: BigInt(row.sender_nonce),
    recipientRandHash: row.recipient_rand_hash.toString('hex'),
    creation: hasCreation ? { round: BigInt(round), blockHash: hash.toString('hex') } : undefined,
    paidWei: BigInt(row.paid_wei),
  };
}

function alarmOf(book: ChainBook, row: OpenRow): Alarm {
  return {
    kind: 'redemption_unknown',
    subject: `${book.chain} 0x${row.transaction_hash.toString('hex')} ${row.log_index}`,
    detail: {
      sender: toAddress(row.sender),
      recipient: toAddress(row.recipient),
      faceValueWei: row.face_value_wei,
      paidWei: row.paid_wei,
    },
  };
}
