import type { ChainEvent, Transaction } from '@clearinghouse/shared';
import type { ChainBook } from './chain-book.ts';
import type { Judgement } from './judge-redemption.ts';

/** An event with what the books make of it. */
export type BookedEvent = {
  readonly id: string;
  readonly event: ChainEvent;
  readonly txnId: string | undefined;
  /** Of a redemption. */
  readonly judged?: {
    readonly judgement: Judgement;
    readonly paidWei: bigint;
    readonly transferId: string | undefined;
  };
};

const COLUMNS = `id uuid, transaction_hash text, log_index bigint, block_number bigint,
  block_hash text, name text, sender text, recipient text, amount_wei numeric,
  reserve_wei numeric, start_round numeric, end_round numeric, face_value_wei numeric,
  win_prob numeric, sender_nonce numeric, recipient_rand_hash text, creation_round numeric,
  creation_block_hash text, paid_wei numeric, transfer_id uuid, redemption text, hold_id uuid,
  txn_id uuid`;
const PLAIN = `id, log_index, block_number, name, amount_wei, reserve_wei, start_round, end_round,
  face_value_wei, win_prob, sender_nonce, creation_round, paid_wei, transfer_id, redemption,
  hold_id, txn_id`;
const BYTES = ['transaction_hash', 'block_hash', 'sender', 'recipient', 'recipient_rand_hash'];

/** Stores events; one that stands already is a fault, since the cursor lies before all of them. */
export async function writeEvents(
  tx: Transaction,
  book: ChainBook,
  booked: readonly BookedEvent[],
): Promise<void> {
  if (booked.length === 0) return;
  const bytes = [...BYTES, 'creation_block_hash'];
  await tx.unsafe(
    `insert into billing.chain_events (chain, ${PLAIN}, ${bytes.join(', ')})
    select $1, ${PLAIN}, ${bytes.map((name) => `decode(${name}, 'hex')`).join(', ')}
    from json_to_recordset($2::text::json) as r(${COLUMNS})`,
    [book.chain, JSON.stringify(booked.map(toRow))],
  );
}

function toRow({ id, event, txnId, judged }: BookedEvent): Record<string, unknown> {
  return {
    id,
    name: event.name,
    transaction_hash: event.transactionHash,
    log_index: event.logIndex,
    block_number: event.block.number,
    block_hash: event.block.hash,
    sender: event.sender.slice(2),
    txn_id: txnId,
    ...detailOf(event),
    ...(judged && {
      paid_wei: judged.paidWei.toString(),
      transfer_id: judged.transferId,
      redemption: judged.judgement.kind,
      hold_id: judged.judgement.holdId,
    }),
  };
}

function detailOf(event: ChainEvent): Record<string, unknown> {
  switch (event.name) {
    case 'DepositFunded':
    case 'ReserveFunded':
      return { amount_wei: event.amountWei.toString() };
    case 'ReserveClaimed':
    case 'WinningTicketTransfer':
      return { amount_wei: event.amountWei.toString(), recipient: event.recipient.slice(2) };
    case 'Withdrawal':
      return {
        amount_wei: event.depositWei.toString(),
        reserve_wei: event.reserveWei.toString(),
      };
    case 'Unlock':
      return { start_round: event.startRound.toString(), end_round: event.endRound.toString() };
    case 'UnlockCancelled':
      return {};
    case 'WinningTicketRedeemed':
      return {
        recipient: event.recipient.slice(2),
        face_value_wei: event.faceValueWei.toString(),
        win_prob: event.winProb.toString(),
        sender_nonce: event.senderNonce.toString(),
        recipient_rand_hash: event.recipientRandHash,
        creation_round: event.creation?.round.toString(),
        creation_block_hash: event.creation?.blockHash,
      };
  }
}
