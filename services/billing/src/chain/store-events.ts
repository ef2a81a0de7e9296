import type { ChainEvent, ChainRequest, Transaction } from '@clearinghouse/shared';
import { type Alarm, raiseAlarms } from '../alarms/raise-alarms.ts';
import { mintHoldIds } from '../holds/mint-hold-id.ts';
import { type AccountIds, ensureAccounts } from '../ledger/ensure-accounts.ts';
import { postTransactions } from '../ledger/post-transactions.ts';
import { bookFunds, observeFunds } from './book-funds.ts';
import { chainAccounts, listAccounts, type RedemptionKind } from './chain-account.ts';
import { type ChainBook, moveCursor } from './chain-book.ts';
import { fundsMovedBy, postingsOf } from './chain-postings.ts';
import type { ChainRules } from './chain-rules.ts';
import type { Judgement, Redemption } from './judge-redemption.ts';
import { judgeRedemptions } from './judge-redemptions.ts';
import { type PairedRedemption, pairTransfers } from './pair-transfers.ts';
import { type LedgerIds, toChainTransaction } from './post-chain.ts';
import { type BookedEvent, writeEvents } from './write-events.ts';

export type AdvanceStep = Extract<ChainRequest['step'], { kind: 'advance' }>;
export type StoreEventsDeps = { readonly accountIds: AccountIds; readonly rules: ChainRules };

/** What was found out while a step was taken; told when it is committed. */
export type ChainNews = { readonly redemptions: RedemptionKind[]; readonly alarms: Alarm[] };

/**
 * Stores the events of whole blocks, posts what they moved, says who signed each redeemed ticket,
 * and moves the cursor: all in the caller's transaction.
 */
export async function storeEvents(
  tx: Transaction,
  deps: StoreEventsDeps,
  book: ChainBook,
  step: AdvanceStep,
): Promise<ChainNews> {
  const ours = new Set(book.senders.map(({ sender }) => sender));
  const events = step.events.filter(({ sender }) => ours.has(sender)).sort(byPlace);
  const { pairs, strays } = pairTransfers(events);
  const judgements = await judgeRedemptions(
    tx,
    { book, rules: deps.rules },
    pairs.map(toRedemption),
  );
  const paidFor = new Map<ChainEvent, RedemptionKind>(strays.map((stray) => [stray, 'unknown']));
  for (const [index, { transfer }] of pairs.entries()) {
    if (transfer) paidFor.set(transfer, judgements[index]?.kind ?? 'unknown');
  }
  const names = book.senders.flatMap(({ sender }) =>
    listAccounts(chainAccounts(book.chain, sender)),
  );
  const ids = await ensureAccounts(tx, deps.accountIds, names);
  const eventIds = mintHoldIds(book.nowMs, events.length);
  const entries = events.map((event, index) => ({ event, id: eventIds[index] ?? '' }));
  const booked = await postEvents(tx, book, ids, { entries, paidFor });
  await writeEvents(tx, book, judged(booked, pairs, judgements));
  await bookFunds(
    tx,
    book.chain,
    events.map((event) => ({ sender: event.sender, moved: fundsMovedBy(event) })),
  );
  await moveCursor(tx, book, step.to);
  const alarms = [
    ...pairs.flatMap((pair, index) => alarmOf(book, pair.redeemed, judgements[index]) ?? []),
    ...strays.flatMap((stray) => alarmOf(book, stray, { kind: 'unknown' }) ?? []),
    ...(await observeFunds(tx, book, { number: step.to.number, observed: step.observed })),
  ];
  await raiseAlarms(tx, alarms);
  return { redemptions: judgements.map(({ kind }) => kind), alarms };
}

type Entry = { readonly event: ChainEvent; readonly id: string };

async function postEvents(
  tx: Transaction,
  book: ChainBook,
  ids: LedgerIds,
  what: {
    readonly entries: readonly Entry[];
    readonly paidFor: ReadonlyMap<ChainEvent, RedemptionKind>;
  },
): Promise<BookedEvent[]> {
  const posted = what.entries.map(({ event, id }) => {
    const accounts = chainAccounts(book.chain, event.sender);
    const transaction = toChainTransaction(ids, {
      id,
      nowMs: book.nowMs,
      reason: `${event.name} 0x${event.transactionHash}`,
      postings: postingsOf(accounts, fundsMovedBy(event), what.paidFor.get(event)),
    });
    return { id, event, transaction };
  });
  await postTransactions(
    tx,
    posted.flatMap(({ transaction }) => transaction ?? []),
  );
  return posted.map(({ id, event, transaction }) => ({ id, event, txnId: transaction?.id }));
}

/** The events again, each redemption with what was said of it. */
function judged(
  booked: readonly BookedEvent[],
  pairs: readonly PairedRedemption[],
  judgements: readonly Judgement[],
): BookedEvent[] {
  const idOf = new Map(booked.map(({ id, event }) => [event, id]));
  const found = new Map<ChainEvent, BookedEvent['judged']>();
  for (const [index, { redeemed, transfer }] of pairs.entries()) {
    const judgement = judgements[index] ?? { kind: 'unknown' };
    const transferId = transfer && idOf.get(transfer);
    found.set(redeemed, { judgement, paidWei: transfer?.amountWei ?? 0n, transferId });
  }
  return booked.map((entry) => {
    const of = found.get(entry.event);
    return of ? { ...entry, judged: of } : entry;
  });
}

function toRedemption({ redeemed, transfer }: PairedRedemption): Redemption {
  return { ...redeemed, creation: redeemed.creation, paidWei: transfer?.amountWei ?? 0n };
}

function alarmOf(
  book: ChainBook,
  event: ChainEvent,
  judgement: Judgement | undefined,
): Alarm | undefined {
  if (judgement && judgement.kind !== 'unknown') return undefined;
  const { transactionHash, logIndex, sender, block } = event;
  return {
    kind: 'redemption_unknown',
    subject: `${book.chain} 0x${transactionHash} ${logIndex}`,
    detail: {
      sender,
      block: block.number,
      ...('recipient' in event ? { recipient: event.recipient } : {}),
      ...(event.name === 'WinningTicketRedeemed'
        ? {
            faceValueWei: event.faceValueWei.toString(),
            senderNonce: event.senderNonce.toString(),
            creationRound: event.creation?.round.toString() ?? 'none',
          }
        : {}),
    },
  };
}

function byPlace(one: ChainEvent, other: ChainEvent): number {
  return one.block.number - other.block.number || one.logIndex - other.logIndex;
}
