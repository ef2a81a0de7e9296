import { rational, type WinningTicket } from '@clearinghouse/gateway-double';
import { describe, expect, it } from 'vitest';
import { compareAll, type Observed } from './compare-all.ts';
import type { Books } from './read-books.ts';
import type { Usage } from './read-usage.ts';

const SENDER = `0x${'AB'.repeat(20)}`;
const LIABILITY = `signer:${SENDER.toLowerCase()}:ticket_liability WEI`;
const FACE_VALUE_WEI = 20n;

function booksOf(spent: bigint, ticketEvWei: bigint): Books {
  return {
    balanceMicros: 1_000n - spent,
    heldMicros: 0n,
    accounts: new Map([
      ['customer:app_1:prepaid USD', 1_000n - spent],
      ['platform:cash USD', -1_000n],
      ['platform:network_cost USD', spent],
      ['platform:network_cost WEI', -ticketEvWei],
      [LIABILITY, ticketEvWei],
    ]),
  };
}

const winner: WinningTicket = {
  ticket: {
    recipient: new Uint8Array(20),
    sender: new Uint8Array(20),
    faceValue: FACE_VALUE_WEI,
    winProb: 1n,
    senderNonce: 1,
    recipientRandHash: new Uint8Array(32),
    creationRound: 1n,
    creationRoundBlockHash: new Uint8Array(32),
  },
  sig: new Uint8Array(65),
  recipientRand: 1n,
};

const usage: Usage = {
  totals: { requests: 2, feeWei: 7n, chargeMicros: 5n },
  byPayer: new Map([['ada', { requests: 2, feeWei: 7n, chargeMicros: 5n }]]),
};

const record = {
  tickets: 3,
  ev: rational(5n, 2n),
  ticketEvWei: 3n,
  units: 1n,
  balance: rational(0n),
  authId: 'app_1:usr_1',
};

const agreeing: Observed = {
  records: new Map([
    [
      'ada',
      [
        { ...record, feeWei: 3n },
        { ...record, feeWei: 4n },
      ],
    ],
  ]),
  sessions: 1,
  sessionsAgreeing: 1,
  totals: {
    payments: 2,
    ticketsAccepted: 6,
    credit: rational(5n),
    winners: [winner],
    refusals: new Map(),
  },
  usage,
  booksBefore: booksOf(0n, 0n),
  booksAfter: booksOf(5n, 6n),
  redeemedInBooks: { tickets: 1, paidWei: FACE_VALUE_WEI },
  redeemed: {
    redemptions: [
      {
        ticketHash: '0x',
        transactionHash: '0x',
        faceValueWei: FACE_VALUE_WEI,
        paidWei: FACE_VALUE_WEI,
      },
    ],
    before: { depositWei: 100n, reserveWei: 9n, withdrawRound: 0n },
    after: { depositWei: 80n, reserveWei: 9n, withdrawRound: 0n },
  },
  sender: SENDER,
  appId: 'app_1',
};

function wrongIn(seen: Observed): string[] {
  return compareAll(seen)
    .filter((comparison) => !comparison.agrees)
    .map((comparison) => comparison.name);
}

function withPayer(change: Partial<Usage['totals']>): Usage {
  const metered = usage.byPayer.get('ada') ?? usage.totals;
  return { ...usage, byPayer: new Map([['ada', { ...metered, ...change }]]) };
}

const { totals, redeemed, booksAfter } = agreeing;

describe('the comparison of a demo', () => {
  it('finds nothing where all agree', () => {
    expect(wrongIn(agreeing)).toEqual([]);
  });

  it.each<[string, Partial<Observed>]>([
    ['payments', { totals: { ...totals, payments: 1 } }],
    ['tickets', { totals: { ...totals, ticketsAccepted: 5 } }],
    ['ticket value, exactly (wei)', { totals: { ...totals, credit: rational(11n, 2n) } }],
    ['sessions whose balance is the same on both sides', { sessionsAgreeing: 0 }],
    ['requests', { usage: { ...usage, totals: { ...usage.totals, requests: 3 } } }],
    ['fee (wei)', { usage: { ...usage, totals: { ...usage.totals, feeWei: 8n } } }],
    ['requests of ada', { usage: withPayer({ requests: 1 }) }],
    ['fee of ada (wei)', { usage: withPayer({ feeWei: 6n }) }],
    ['charges (micro-USD)', { usage: withPayer({ chargeMicros: 4n }) }],
    ['spent (micro-USD)', { booksAfter: { ...booksAfter, balanceMicros: 996n } }],
    ['spent (micro-USD), again', { booksAfter: { ...booksAfter, balanceMicros: 996n } }],
    ['still held (micro-USD)', { booksAfter: { ...booksAfter, heldMicros: 1n } }],
    ['ticket value, each payment rounded up (wei)', { booksAfter: booksOf(5n, 5n) }],
    [
      'ledger in USD sums to',
      { booksAfter: { ...booksAfter, accounts: new Map([['x USD', 1n]]) } },
    ],
    [
      'ledger in wei sums to',
      { booksAfter: { ...booksAfter, accounts: new Map([['x WEI', 1n]]) } },
    ],
    ['winning tickets', { redeemed: { ...redeemed, redemptions: [] } }],
    ['winning tickets, in the books', { redeemedInBooks: { tickets: 0, paidWei: FACE_VALUE_WEI } }],
    ['face value redeemed, in the books (wei)', { redeemedInBooks: { tickets: 1, paidWei: 19n } }],
    ['face value redeemed (wei)', { redeemed: { ...redeemed, redemptions: [] } }],
    [
      'deposit of the signer (wei)',
      { redeemed: { ...redeemed, after: { ...redeemed.after, depositWei: 79n } } },
    ],
    [
      'reserve of the signer (wei)',
      { redeemed: { ...redeemed, after: { ...redeemed.after, reserveWei: 8n } } },
    ],
  ])('names "%s" when one side is otherwise', (name, change) => {
    expect(wrongIn({ ...agreeing, ...change })).toContain(name);
  });
});
