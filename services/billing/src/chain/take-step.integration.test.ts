import type { ChainEventWire } from '@clearinghouse/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CHAIN_SENDER,
  freshTransaction,
  funds,
  makeTestChain,
  RECIPIENT,
  redemptionEvents,
  type TestChain,
} from '../testing/chain-steps.ts';
import { randomHex } from '../testing/make-hold-item.ts';
import { type Books, openBooks } from '../testing/open-books.ts';

let books: Books;
let chain: TestChain;
beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books?.close());
beforeEach(() => {
  chain = makeTestChain(books, `31337-${randomHex(8)}`);
});

/** Wei on the accounts of this chain, by the last part of their names. */
async function ledger(): Promise<Record<string, bigint>> {
  const rows = await books.sql<{ name: string; total: string }[]>`
    select a.name, sum(e.amount) as total from billing.accounts a
    join billing.ledger_entries e on e.account_id = a.id
    where a.name like ${`chain:${chain.chain}:%`} group by a.name`;
  return Object.fromEntries(
    rows.map(({ name, total }) => [name.split(':').at(-1) ?? '', BigInt(total)]),
  );
}
const faults = async () => {
  const all = await books.reconcile();
  return all.filter(({ rule }) => rule !== 'redemptions_are_known');
};
const open = (depositWei = 100n, reserveWei = 50n) =>
  chain.step({
    kind: 'open',
    after: null,
    at: chain.block(10),
    accounts: [funds(depositWei, reserveWei)],
  });
const deposited = (number: number, amountWei: bigint, branch?: string) => ({
  name: 'DepositFunded' as const,
  block: chain.block(number, branch),
  transactionHash: freshTransaction(),
  logIndex: 0,
  sender: CHAIN_SENDER,
  amountWei: amountWei.toString(),
});
const advance = (
  from: number,
  to: number,
  events: ChainEventWire[] = [],
  options: { branch?: string; observed?: ReturnType<typeof funds>[] } = {},
) =>
  chain.step({
    kind: 'advance',
    after: chain.block(from),
    to: chain.block(to, options.branch),
    events,
    observed: options.observed ?? [],
  });

describe('a chain is opened', () => {
  it('with what the contract has, as the opening entry', async () => {
    const reply = await open();
    expect(reply).toMatchObject({ accepted: true, cursor: chain.block(10) });
    expect(reply.senders).toEqual([CHAIN_SENDER]);
    expect(await ledger()).toEqual({ deposit: -100n, reserve: -50n, wallet: 150n });
    expect(await faults()).toEqual([]);
  });

  it('once: a second signer finds it open', async () => {
    await open();
    const again = await chain.step({
      kind: 'open',
      after: null,
      at: chain.block(11),
      accounts: [funds(999n, 999n)],
    });
    expect(again).toMatchObject({ accepted: false, cursor: chain.block(10) });
    expect(await ledger()).toEqual({ deposit: -100n, reserve: -50n, wallet: 150n });
  });

  it('is unknown before', async () => {
    expect(await chain.step({ kind: 'read' })).toEqual({
      accepted: true,
      cursor: null,
      checkpoints: [],
      senders: [],
    });
    expect((await advance(10, 11)).accepted).toBe(false);
  });
});

describe('every event is posted', () => {
  beforeEach(async () => void (await open()));

  it('deposit, reserve, claim, withdrawal; unlocks move nothing', async () => {
    const at = (number: number) => ({
      block: chain.block(number),
      transactionHash: freshTransaction(),
      logIndex: 0,
      sender: CHAIN_SENDER,
    });
    const reply = await advance(
      10,
      20,
      [
        deposited(11, 7n),
        { name: 'ReserveFunded', ...at(12), amountWei: '5' },
        { name: 'ReserveClaimed', ...at(13), recipient: RECIPIENT, amountWei: '3' },
        { name: 'Unlock', ...at(14), startRound: '10', endRound: '12' },
        { name: 'UnlockCancelled', ...at(15) },
        { name: 'Withdrawal', ...at(16), depositWei: '110', reserveWei: '52' },
      ],
      { observed: [funds(0n, 0n)] },
    );
    expect(reply).toMatchObject({ accepted: true, cursor: chain.block(20) });
    // In: 100 + 50 + 7 + 5; out: 110 + 52.
    expect(await ledger()).toEqual({ deposit: 0n, reserve: 0n, wallet: 0n });
    expect(await faults()).toEqual([]);
  });

  it('nothing of accounts that are not ours', async () => {
    const foreign = { ...deposited(11, 7n), sender: `0x${'77'.repeat(20)}` };
    await advance(10, 20, [foreign], { observed: [funds(100n, 50n)] });
    expect(await faults()).toEqual([]);
    expect(await ledger()).toMatchObject({ deposit: -100n });
  });

  it('what the contract has otherwise is an alarm and a fault', async () => {
    await advance(10, 20, [], { observed: [funds(99n, 50n)] });
    const rows = await books.sql<{ detail: Record<string, string> }[]>`
      select detail from billing.alarms where kind = 'chain_funds_differ'
        and subject like ${`${chain.chain}%`}`;
    expect(rows[0]?.detail).toMatchObject({ depositWei: '99', bookedDepositWei: '100' });
    expect((await faults()).map(({ rule, expected, actual }) => [rule, expected, actual])).toEqual([
      ['chain_deposit_is_ledger', '99', '100'],
    ]);
    await advance(20, 21, [], { observed: [funds(100n, 50n)] });
    expect(await faults()).toEqual([]);
  });
});

describe('several signers watch: a step is taken once', () => {
  beforeEach(async () => void (await open()));

  it('the same step again changes nothing and says where to go on', async () => {
    const event = deposited(11, 7n);
    expect((await advance(10, 20, [event])).accepted).toBe(true);
    const again = await advance(10, 20, [event]);
    expect(again).toMatchObject({ accepted: false, cursor: chain.block(20) });
    expect(await ledger()).toMatchObject({ deposit: -107n });
  });

  it('ten at the same time are one', async () => {
    const event = deposited(11, 7n);
    const replies = await Promise.all(Array.from({ length: 10 }, () => advance(10, 20, [event])));
    expect(replies.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(await ledger()).toMatchObject({ deposit: -107n });
  });

  it.each([
    ['a block at or before the cursor', () => advance(10, 10)],
    ['an event before the cursor', () => advance(10, 20, [deposited(10, 7n)])],
    ['an event beyond the end', () => advance(10, 20, [deposited(21, 7n)])],
  ])('refused: %s', async (_name, take) => {
    expect(await take()).toMatchObject({ accepted: false, cursor: chain.block(10) });
    expect(await ledger()).toMatchObject({ deposit: -100n });
  });

  it('the same event twice in a step writes nothing at all', async () => {
    const event = deposited(11, 7n);
    await expect(advance(10, 20, [event, event])).rejects.toMatchObject({ code: '23505' });
    expect(await chain.step({ kind: 'read' })).toMatchObject({ cursor: chain.block(10) });
    expect(await ledger()).toMatchObject({ deposit: -100n });
  });
});

describe('a reorganisation is undone by new entries', () => {
  beforeEach(async () => {
    await open();
    await advance(10, 20, [deposited(15, 7n)]);
    await advance(20, 30, [deposited(25, 1_000n)]);
  });
  const rewind = (from: number, to: number) =>
    chain.step({ kind: 'rewind', after: chain.block(from), to: chain.block(to) });

  it('back to a checkpoint, and on along the other branch', async () => {
    const before = await countTransactions();
    expect(await rewind(30, 20)).toMatchObject({ accepted: true, cursor: chain.block(20) });
    expect(await ledger()).toEqual({ deposit: -107n, reserve: -50n, wallet: 157n });
    expect(await countTransactions()).toBe(before + 1);
    expect(await faults()).toEqual([]);
    const observed = [funds(110n, 50n)];
    await advance(20, 30, [deposited(26, 3n, 'b')], { branch: 'b', observed });
    expect(await ledger()).toMatchObject({ deposit: -110n });
    expect(await faults()).toEqual([]);
  });

  it('the very same transaction in another block counts once', async () => {
    const event = deposited(25, 1_000n);
    await rewind(30, 20);
    await advance(20, 30, [event]);
    await rewind(30, 20);
    const moved = { ...event, block: chain.block(27, 'b') };
    await advance(20, 30, [moved], { branch: 'b' });
    expect(await ledger()).toMatchObject({ deposit: -1_107n });
    expect(await faults()).toEqual([]);
  });

  it('back to the beginning', async () => {
    await rewind(30, 10);
    expect(await ledger()).toEqual({ deposit: -100n, reserve: -50n, wallet: 150n });
  });

  it.each([
    ['to a block that never was the cursor', 30, 15],
    ['forward', 30, 31],
    ['from another cursor', 20, 10],
  ])('refused: %s', async (_name, from, to) => {
    expect(await rewind(from, to)).toMatchObject({ accepted: false, cursor: chain.block(30) });
    expect(await ledger()).toMatchObject({ deposit: -1_107n });
  });

  it('an account that was opened beyond is opened anew', async () => {
    const sender = `0x${'77'.repeat(20)}`;
    const opened = await chain.step({
      kind: 'open',
      after: chain.block(30),
      at: chain.block(30),
      accounts: [{ ...funds(5n, 5n), sender }],
    });
    expect(opened.senders).toContain(sender);
    expect((await rewind(30, 20)).senders).toEqual([CHAIN_SENDER]);
    expect(await faults()).toEqual([]);
  });

  it('old checkpoints go, the beginning stays', async () => {
    for (let at = 30; at < 150; at += 1) await advance(at, at + 1);
    const { checkpoints } = await chain.step({ kind: 'read' });
    expect(checkpoints).toHaveLength(100);
    expect(checkpoints[0]).toEqual(chain.block(150));
    expect(checkpoints.at(-1)).toEqual(chain.block(10));
  });
});

describe('killed between the events and the cursor', () => {
  it('nothing is stored, and the next try stores it once', async () => {
    await open();
    const owner = books.openPool('billing_owner');
    await owner.unsafe(`
      create function billing.stop_here() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
      create trigger stop_here before update of cursor_number on billing.chains
        for each row execute function billing.stop_here()`);
    const event = deposited(11, 7n);
    await expect(advance(10, 20, [event])).rejects.toThrow();
    expect(await ledger()).toMatchObject({ deposit: -100n });
    const rows = await books.sql`
      select from billing.chain_events where chain = ${chain.chain}`;
    expect(rows).toHaveLength(0);
    await owner.unsafe('drop trigger stop_here on billing.chains');
    expect((await advance(10, 20, [event])).accepted).toBe(true);
    expect(await ledger()).toMatchObject({ deposit: -107n });
    expect(await faults()).toEqual([]);
  });
});

describe('events are facts', () => {
  it('no role rewrites or deletes one', async () => {
    await open();
    await advance(10, 20, [deposited(11, 7n)]);
    const { sql } = books;
    const refused = { code: '42501' };
    await expect(sql`update billing.chain_events set amount_wei = 1`).rejects.toMatchObject(
      refused,
    );
    await expect(sql`delete from billing.chain_events`).rejects.toMatchObject(refused);
  });
});

async function countTransactions(): Promise<number> {
  const rows = await books.sql`select from billing.ledger_txns`;
  return rows.length;
}

describe('a redemption without a round or a hold', () => {
  it('is unknown: an alarm, a count, its own account', async () => {
    await open();
    const events = redemptionEvents(chain.block(12), {
      faceValueWei: 40n,
      winProb: '5',
      senderNonce: 1,
      recipientRandHash: randomHex(32),
      round: 10n,
      roundHash: randomHex(32),
      paidWei: 40n,
    });
    await advance(10, 20, events, { observed: [funds(60n, 50n)] });
    expect(chain.counted).toEqual(['unknown']);
    const [alarm] = await books.sql<{ subject: string; detail: Record<string, string> }[]>`
      select subject, detail from billing.alarms where kind = 'redemption_unknown'
        and subject like ${`${chain.chain}%`}`;
    expect(alarm?.detail).toMatchObject({ sender: CHAIN_SENDER, faceValueWei: '40' });
    const all = await books.reconcile();
    expect(all.find(({ subject }) => subject === alarm?.subject)).toMatchObject({
      rule: 'redemptions_are_known',
      actual: 'unknown',
    });
    expect(await faults()).toEqual([]);
  });
});
