import type { Address, ChainEventWire, GrantWire, HoldItemWire } from '@clearinghouse/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { releaseHolds } from '../holds/release-holds.ts';
import { settleHolds } from '../holds/settle-holds.ts';
import {
  CHAIN_SENDER,
  funds,
  makeTestChain,
  RECIPIENT,
  redemptionEvents,
  type TestChain,
} from '../testing/chain-steps.ts';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import { type Books, granted, openBooks, settlementOf } from '../testing/open-books.ts';
import type { ChainRules } from './chain-rules.ts';
import { hashTickets } from './hash-tickets.ts';

const DEPOSIT = 10n ** 18n;
const TICKETS = 3;

let books: Books;
let chain: TestChain;
let appId: string;
let next: number;
beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.close());
beforeEach(async () => {
  appId = `app_${randomHex(12)}`;
  await books.openApp(appId, 1_000_000n);
  await open();
});

async function open(rules: Partial<ChainRules> = {}): Promise<void> {
  chain = makeTestChain(books, `31337-${randomHex(8)}`, rules);
  next = 10;
  const accounts = [funds(DEPOSIT, DEPOSIT, 4_000n)];
  await chain.step({ kind: 'open', after: null, at: chain.block(10), accounts });
}

/** A payment that was granted; its tickets as a redemption shows them. */
async function pay(): Promise<{ item: HoldItemWire; grant: GrantWire }> {
  const item = makeHoldItem({ appId, numTickets: TICKETS });
  return { item, grant: granted((await books.hold([item]))[0]) };
}

const runOf = (item: HoldItemWire, recipient: Address = RECIPIENT) => ({
  recipient,
  sender: CHAIN_SENDER,
  faceValueWei: BigInt(item.faceValueWei),
  winProb: BigInt(item.winProb),
  recipientRandHash: item.recipientRandHash,
  creationRound: BigInt(item.rebuild.creationRound),
  creationBlockHash: item.rebuild.creationBlockHash,
  nonceFrom: item.rebuild.nonceFrom,
  nonceTo: item.nonceTo,
});
const settle = ({ item, grant }: Awaited<ReturnType<typeof pay>>) =>
  settleHolds(books, [{ ...settlementOf(grant), ticketsHash: hashTickets(runOf(item)) }]);

/** The chain tells of one redeemed ticket of a payment. */
async function redeem(
  item: HoldItemWire,
  change: { recipient?: Address; senderNonce?: number; round?: bigint; paidWei?: bigint } = {},
): Promise<void> {
  const at = next + 1;
  const events = redemptionEvents(chain.block(at), {
    faceValueWei: BigInt(item.faceValueWei),
    winProb: item.winProb,
    senderNonce: 2,
    recipientRandHash: item.recipientRandHash,
    round: BigInt(item.rebuild.creationRound),
    roundHash: item.rebuild.creationBlockHash,
    paidWei: BigInt(item.faceValueWei),
    ...change,
  });
  await move(events);
}

async function move(events: ChainEventWire[] = []): Promise<void> {
  const { accepted } = await chain.step({
    kind: 'advance',
    after: chain.block(next),
    to: chain.block(next + 5),
    events,
    observed: [],
  });
  expect(accepted).toBe(true);
  next += 5;
}

async function kinds(): Promise<string[]> {
  const rows = await books.sql<{ redemption: string }[]>`
    select redemption from billing.chain_events
    where chain = ${chain.chain} and redemption is not null order by block_number`;
  return rows.map(({ redemption }) => redemption);
}

/** Wei that redemptions of this chain took from an account. */
async function redeemedFrom(name: string): Promise<bigint> {
  const [row] = await books.sql<{ total: string }[]>`
    select coalesce(sum(e.amount), 0) as total from billing.ledger_entries e
    join billing.accounts a on a.id = e.account_id
    where a.name = ${`signer:${CHAIN_SENDER}:${name}`} and exists (
      select from billing.ledger_entries d join billing.accounts o on o.id = d.account_id
      where d.txn_id = e.txn_id and o.name like ${`chain:${chain.chain}:%`})`;
  return -BigInt(row?.total ?? 0);
}

const FACE = 10n ** 15n;

describe('a redemption of our ticket', () => {
  it('is matched and taken from the ticket liability, to the wei', async () => {
    const payment = await pay();
    await settle(payment);
    await redeem(payment.item);
    await redeem(payment.item, { senderNonce: 3, paidWei: 17n });
    expect(await kinds()).toEqual(['signed', 'signed']);
    expect(await redeemedFrom('ticket_liability')).toBe(FACE + 17n);
    const rows = await books.sql<{ hold_id: string }[]>`
      select hold_id from billing.chain_events
      where chain = ${chain.chain} and redemption = 'signed'`;
    expect(rows.map(({ hold_id: id }) => id)).toEqual(Array(2).fill(payment.grant.holdId));
  });

  it.each([0, 4])('not with nonce %i, beside the range of the hold', async (senderNonce) => {
    const payment = await pay();
    await settle(payment);
    await redeem(payment.item, { senderNonce });
    expect(await kinds()).toEqual(['unknown']);
  });

  it('not with another recipient: all else can be copied by who has the key', async () => {
    const payment = await pay();
    await settle(payment);
    await redeem(payment.item, { recipient: CHAIN_SENDER });
    expect(await kinds()).toEqual(['unknown']);
    expect(await redeemedFrom('unknown_redemptions')).toBe(FACE);
    expect(await redeemedFrom('ticket_liability')).toBe(0n);
  });
});

describe('a redemption before its settlement', () => {
  it('waits, and is ours when the settlement came', async () => {
    const payment = await pay();
    await redeem(payment.item);
    expect(await kinds()).toEqual(['unsettled']);
    await settle(payment);
    await move();
    expect(await kinds()).toEqual(['signed']);
    expect(await redeemedFrom('ticket_liability')).toBe(FACE);
    expect(chain.counted).toEqual(['unsettled', 'signed']);
  });

  it('is unknown when the signer said that it signed nothing; a late settlement mends it', async () => {
    const payment = await pay();
    await redeem(payment.item);
    await releaseHolds(books, [payment.grant.holdId]);
    await move();
    expect(await kinds()).toEqual(['unknown']);
    expect(await redeemedFrom('unknown_redemptions')).toBe(FACE);
    await settle(payment);
    await move();
    expect(await kinds()).toEqual(['signed']);
    expect(await redeemedFrom('unknown_redemptions')).toBe(0n);
    expect(await redeemedFrom('ticket_liability')).toBe(FACE);
    const rules = (await books.reconcile()).map(({ rule }) => rule);
    expect(new Set(rules)).toEqual(new Set(['redemptions_are_known']));
  });

  it('is undone by a reorganisation whatever it was judged to be', async () => {
    const payment = await pay();
    await redeem(payment.item);
    await releaseHolds(books, [payment.grant.holdId]);
    await move();
    await chain.step({ kind: 'rewind', after: chain.block(next), to: chain.block(10) });
    expect(await redeemedFrom('unknown_redemptions')).toBe(0n);
    expect(await redeemedFrom('ticket_liability')).toBe(0n);
  });
});

describe('redemptions of tickets that others signed', () => {
  it('pre_adoption: of a round before the one in which the chain was opened', async () => {
    await redeem(makeHoldItem(), { round: 3_999n });
    await redeem(makeHoldItem(), { round: 4_000n });
    expect(await kinds()).toEqual(['pre_adoption', 'unknown']);
    expect(await redeemedFrom('pre_adoption')).toBe(FACE);
  });

  it('the operator may say the round', async () => {
    await open({ adoptedAtRound: 4_001n });
    await redeem(makeHoldItem(), { round: 4_000n });
    await redeem(makeHoldItem(), { round: 4_001n });
    expect(await kinds()).toEqual(['pre_adoption', 'unknown']);
  });

  it('co_signer: what may be redeemed of one round, over messages and within one', async () => {
    await open({ coSignerWeiPerRound: new Map([[CHAIN_SENDER, 2n * FACE]]) });
    await redeem(makeHoldItem());
    await redeem(makeHoldItem());
    await redeem(makeHoldItem());
    await redeem(makeHoldItem(), { round: 4_001n });
    expect(await kinds()).toEqual(['co_signer', 'co_signer', 'unknown', 'co_signer']);
    expect(await redeemedFrom('co_signer')).toBe(3n * FACE);
    await open({ coSignerWeiPerRound: new Map([[CHAIN_SENDER, FACE]]) });
    const ticket = (senderNonce: number) =>
      redemptionEvents(chain.block(11), {
        faceValueWei: FACE,
        winProb: '5',
        senderNonce,
        recipientRandHash: randomHex(32),
        round: 4_000n,
        roundHash: randomHex(32),
        paidWei: FACE,
      });
    await move([...ticket(1), ...ticket(2)]);
    expect((await kinds()).sort()).toEqual(['co_signer', 'unknown']);
  });
});
