import {
  type ChainReply,
  type ChainRequest,
  type Logger,
  type Sql,
  type Transaction,
  withTransaction,
} from '@clearinghouse/shared';
import type { AccountIds } from '../ledger/ensure-accounts.ts';
import type { RedemptionKind } from './chain-account.ts';
import { type ChainBook, isSameBlock, lockChain, readReply } from './chain-book.ts';
import type { ChainRules } from './chain-rules.ts';
import { judgeAgain } from './judge-again.ts';
import { openAccounts } from './open-accounts.ts';
import { type ChainNews, storeEvents } from './store-events.ts';
import { undoEvents } from './undo-events.ts';

export type TakeStepDeps = {
  readonly sql: Sql;
  readonly accountIds: AccountIds;
  readonly rules: ChainRules;
  readonly log: Logger;
  readonly countRedemption: (kind: RedemptionKind) => void;
};

type Taken = { readonly reply: ChainReply; readonly news: ChainNews };

const NOTHING: ChainNews = { redemptions: [], alarms: [] };

/**
 * Takes one step along a chain, in one transaction: events, postings and cursor are committed
 * together or not at all. A step that builds on another cursor than ours changes nothing, so any
 * number of signers may send theirs, and any of them may be sent again.
 *
 * @returns where the books stand now.
 */
export async function takeChainStep(
  deps: TakeStepDeps,
  request: ChainRequest,
): Promise<ChainReply> {
  const { reply, news } = await withTransaction(deps.sql, (tx) => take(tx, deps, request), {
    idempotent: true,
  });
  for (const kind of news.redemptions) deps.countRedemption(kind);
  for (const { kind, subject, detail } of news.alarms) {
    deps.log.error({ alarm: kind, subject, ...detail }, messageOf(kind));
  }
  if (request.step.kind === 'rewind' && reply.accepted) {
    deps.log.warn({ chain: request.chain, to: request.step.to }, 'the chain was reorganised');
  }
  return reply;
}

async function take(tx: Transaction, deps: TakeStepDeps, request: ChainRequest): Promise<Taken> {
  const { chain, step } = request;
  const answer = async (accepted: boolean, news = NOTHING): Promise<Taken> => ({
    reply: await readReply(tx, chain, accepted),
    news,
  });
  if (step.kind === 'read') return await answer(true);
  if (step.kind === 'open') return await answer(await openAccounts(tx, deps, request, step));
  const book = await lockChain(tx, chain);
  if (!book || !isSameBlock(book.cursor, step.after)) return await answer(false);
  if (step.kind === 'rewind') {
    if (!(await isKnown(tx, book, step.to))) return await answer(false);
    await undoEvents(tx, book, step.to);
    return await answer(true);
  }
  const isAhead = step.to.number > book.cursor.number;
  const isBetween = step.events.every(
    ({ block }) => block.number > book.cursor.number && block.number <= step.to.number,
  );
  if (!isAhead || !isBetween) return await answer(false);
  const news = await storeEvents(tx, deps, book, step);
  const again = await judgeAgain(tx, deps, book);
  return await answer(true, {
    redemptions: [...news.redemptions, ...again.redemptions],
    alarms: [...news.alarms, ...again.alarms],
  });
}

/** Only to a block that was the cursor, or the beginning: else events between would be missed. */
async function isKnown(
  tx: Transaction,
  book: ChainBook,
  to: ChainBook['cursor'],
): Promise<boolean> {
  if (to.number >= book.cursor.number) return false;
  if (isSameBlock(book.opened, to)) return true;
  const rows = await tx`
    select from billing.chain_blocks where chain = ${book.chain} and number = ${to.number}
      and hash = ${Buffer.from(to.hash, 'hex')}`;
  return rows.length > 0;
}

function messageOf(kind: string): string {
  return kind === 'redemption_unknown'
    ? 'a ticket was redeemed that nobody known has signed: the key may be in other hands'
    : 'deposit or reserve are not what the events sum to';
}
