import type { Transaction } from '@clearinghouse/shared';
import type { ChainBook } from './chain-book.ts';
import type { ChainRules } from './chain-rules.ts';
import { findCandidates } from './find-candidates.ts';
import { type Judgement, judgeRedemption, type Redemption } from './judge-redemption.ts';

/** Says of each redemption, in order, who signed its ticket. */
export async function judgeRedemptions(
  tx: Transaction,
  context: { readonly book: ChainBook; readonly rules: ChainRules },
  redemptions: readonly Redemption[],
): Promise<Judgement[]> {
  const { book, rules } = context;
  const redeemed = new Map<string, bigint>();
  const judgements: Judgement[] = [];
  for (const ticket of redemptions) {
    const { sender, creation, paidWei } = ticket;
    const boundWei = rules.coSignerWeiPerRound.get(sender);
    const key = `${sender} ${creation?.round}`;
    const before = boundWei === undefined ? 0n : await readCoSigned(tx, book.chain, ticket);
    const redeemedWei = before + (redeemed.get(key) ?? 0n);
    const judgement = judgeRedemption(ticket, {
      candidates: await findCandidates(tx, ticket),
      adoptedAtRound: rules.adoptedAtRound ?? adoptedAt(book, ticket),
      coSigner: boundWei === undefined ? undefined : { boundWei, redeemedWei },
    });
    if (judgement.kind === 'co_signer') redeemed.set(key, (redeemed.get(key) ?? 0n) + paidWei);
    judgements.push(judgement);
  }
  return judgements;
}

function adoptedAt(book: ChainBook, ticket: Redemption): bigint {
  return book.senders.find(({ sender }) => sender === ticket.sender)?.adoptedAtRound ?? 0n;
}

async function readCoSigned(tx: Transaction, chain: string, ticket: Redemption): Promise<bigint> {
  const [row] = await tx<{ paid: string }[]>`
    select coalesce(sum(paid_wei), 0) as paid from billing.chain_events
    where chain = ${chain} and sender = ${Buffer.from(ticket.sender.slice(2), 'hex')}
      and creation_round = ${(ticket.creation?.round ?? 0n).toString()}
      and removed_at is null and redemption = 'co_signer'`;
  return BigInt(row?.paid ?? 0);
}
