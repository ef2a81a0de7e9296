import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAIN_SENDER, funds, makeTestChain, redemptionEvents } from '../testing/chain-steps.ts';
import { randomHex } from '../testing/make-hold-item.ts';
import { type Books, openBooks } from '../testing/open-books.ts';
import { clearChainAlarm } from './clear-alarm.ts';
import { readChains } from './read-chains.ts';

describe('what an operator sees of a chain', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(() => books?.close());

  it('booked and observed, who signed what was redeemed, and alarms until they are cleared', async () => {
    const chain = makeTestChain(books, `31337-${randomHex(8)}`);
    const accounts = [funds(100n, 50n)];
    await chain.step({ kind: 'open', after: null, at: chain.block(10), accounts });
    const events = redemptionEvents(chain.block(11), {
      faceValueWei: 30n,
      winProb: '1',
      senderNonce: 1,
      recipientRandHash: randomHex(32),
      round: 11n,
      roundHash: randomHex(32),
      paidWei: 30n,
    });
    const observed = [funds(70n, 50n)];
    const [after, to] = [chain.block(10), chain.block(11)];
    await chain.step({ kind: 'advance', after, to, events, observed });
    const { chains, alarms } = await readChains(books);
    expect(chains.find((row) => row.chain === chain.chain)).toMatchObject({
      cursor: { block: 11, hash: `0x${chain.block(11).hash}` },
      since: { block: 10 },
      reorganisations: 0,
      accounts: [
        {
          address: CHAIN_SENDER,
          bookedDepositWei: '70',
          bookedReserveWei: '50',
          observed: { block: 11, depositWei: '70', reserveWei: '50', withdrawRound: '0' },
          redeemed: { unknown: { tickets: 1, paidWei: '30' } },
        },
      ],
    });
    const alarm = alarms.find(({ subject }) => subject.startsWith(chain.chain));
    expect(alarm).toMatchObject({ kind: 'redemption_unknown', times: 1 });
    const named = { kind: 'redemption_unknown', subject: alarm?.subject ?? '' } as const;
    const other = { ...named, kind: 'chain_funds_differ' } as const;
    expect(await clearChainAlarm(books, other)).toBe(false);
    expect(await clearChainAlarm(books, named)).toBe(true);
    expect(await clearChainAlarm(books, named)).toBe(false);
    const left = await readChains(books);
    expect(left.alarms.filter(({ subject }) => subject === named.subject)).toEqual([]);
  });
});
