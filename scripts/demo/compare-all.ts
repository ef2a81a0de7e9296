import {
  add,
  type OrchestratorTotals,
  type Rational,
  toRatString,
  ZERO,
} from '@clearinghouse/gateway-double';
import { type Comparison, compareFigures } from './comparison.ts';
import { type Books, postedBetween } from './read-books.ts';
import type { RedeemedInBooks } from './read-redeemed.ts';
import { type Usage, usageOf } from './read-usage.ts';
import type { PaymentRecord } from './record-payment.ts';
import type { RedeemedWinners } from './redeem-winners.ts';

/** Everything that was seen, each from its own source. */
export type Observed = {
  /** By payer: what the demo worked out from signed states and headers. */
  readonly records: ReadonlyMap<string, readonly PaymentRecord[]>;
  readonly sessions: number;
  readonly sessionsAgreeing: number;
  readonly totals: OrchestratorTotals;
  /** What the usage API counted meanwhile. */
  readonly usage: Usage;
  readonly booksBefore: Books;
  readonly booksAfter: Books;
  readonly redeemed: RedeemedWinners;
  /** What billing booked of it meanwhile, as signed here. */
  readonly redeemedInBooks: RedeemedInBooks;
  readonly sender: string;
  readonly appId: string;
};

/** Puts every figure beside the one from another source that must be the same. */
export function compareAll(seen: Observed): Comparison[] {
  return [
    ...compareTickets(seen),
    ...compareUsage(seen),
    ...compareBooks(seen),
    ...compareChain(seen),
  ];
}

function compareTickets(seen: Observed): Comparison[] {
  const records = [...seen.records.values()].flat();
  const tickets = records.reduce((sum, record) => sum + record.tickets, 0);
  const ev = records.reduce<Rational>((sum, record) => add(sum, record.ev), ZERO);
  const { totals } = seen;
  return [
    compareFigures(
      'payments',
      ['answers of the signer', records.length],
      ['accepted by the orchestrator', totals.payments],
    ),
    compareFigures(
      'tickets',
      ['in the payments', tickets],
      ['accepted by the orchestrator', totals.ticketsAccepted],
    ),
    compareFigures(
      'ticket value, exactly (wei)',
      ['in the payments', toRatString(ev)],
      ['credited by the orchestrator', toRatString(totals.credit)],
    ),
    compareFigures(
      'sessions whose balance is the same on both sides',
      ['sessions', seen.sessions],
      ['agreeing', seen.sessionsAgreeing],
    ),
  ];
}

function compareUsage(seen: Observed): Comparison[] {
  const records = [...seen.records.values()].flat();
  const { usage } = seen;
  const perPayer = [...seen.records].flatMap(([payer, own]) => {
    const metered = usageOf(usage, payer);
    return [
      compareFigures(
        `requests of ${payer}`,
        ['payments', own.length],
        ['usage API', metered.requests],
      ),
      compareFigures(
        `fee of ${payer} (wei)`,
        ['units x price', feeOf(own)],
        ['usage API', metered.feeWei],
      ),
    ];
  });
  const charges = [...usage.byPayer.values()].reduce((sum, row) => sum + row.chargeMicros, 0n);
  return [
    compareFigures('requests', ['payments', records.length], ['usage API', usage.totals.requests]),
    compareFigures(
      'fee (wei)',
      ['units x price', feeOf(records)],
      ['usage API', usage.totals.feeWei],
    ),
    ...perPayer,
    compareFigures(
      'charges (micro-USD)',
      ['usage API, by user', charges],
      ['usage API, total', usage.totals.chargeMicros],
    ),
  ];
}

function compareBooks(seen: Observed): Comparison[] {
  const { booksBefore, booksAfter, usage } = seen;
  const records = [...seen.records.values()].flat();
  const posted = postedBetween(booksBefore, booksAfter);
  const spent = booksBefore.balanceMicros - booksAfter.balanceMicros;
  const prepaid = `customer:${seen.appId}:prepaid USD`;
  const liability = posted.get(`signer:${seen.sender.toLowerCase()}:ticket_liability WEI`) ?? 0n;
  const ticketEvWei = records.reduce((sum, record) => sum + record.ticketEvWei, 0n);
  return [
    compareFigures(
      'spent (micro-USD)',
      ['balance before - after', spent],
      ['usage API', usage.totals.chargeMicros],
    ),
    compareFigures(
      'spent (micro-USD), again',
      ['balance before - after', spent],
      ["ledger: the customer's prepaid account", -(posted.get(prepaid) ?? 0n)],
    ),
    compareFigures(
      'still held (micro-USD)',
      ['before', booksBefore.heldMicros],
      ['after', booksAfter.heldMicros],
    ),
    compareFigures(
      'ticket value, each payment rounded up (wei)',
      ['in the payments', ticketEvWei],
      ["ledger: the signer's ticket liability", liability],
    ),
    compareFigures(
      'ledger in USD sums to',
      ['all accounts', sumOf(booksAfter, 'USD')],
      ['zero', 0],
    ),
    compareFigures(
      'ledger in wei sums to',
      ['all accounts', sumOf(booksAfter, 'WEI')],
      ['zero', 0],
    ),
  ];
}

function compareChain(seen: Observed): Comparison[] {
  const { redemptions, before, after } = seen.redeemed;
  const faceValue = seen.totals.winners.reduce((sum, winner) => sum + winner.ticket.faceValue, 0n);
  const paid = redemptions.reduce((sum, redemption) => sum + redemption.paidWei, 0n);
  return [
    compareFigures(
      'winning tickets',
      ['drawn by the orchestrator', seen.totals.winners.length],
      ['redeemed on the chain', redemptions.length],
    ),
    compareFigures(
      'face value redeemed (wei)',
      ['winning tickets', faceValue],
      ["the contract's events", paid],
    ),
    compareFigures(
      'winning tickets, in the books',
      ['redeemed on the chain', redemptions.length],
      ['booked as signed here', seen.redeemedInBooks.tickets],
    ),
    compareFigures(
      'face value redeemed, in the books (wei)',
      ["the contract's events", paid],
      ['booked as signed here', seen.redeemedInBooks.paidWei],
    ),
    compareFigures(
      'deposit of the signer (wei)',
      ['before - after', before.depositWei - after.depositWei],
      ['face value redeemed', faceValue],
    ),
    compareFigures(
      'reserve of the signer (wei)',
      ['before', before.reserveWei],
      ['after', after.reserveWei],
    ),
  ];
}

function feeOf(records: readonly PaymentRecord[]): bigint {
  return records.reduce((sum, record) => sum + record.feeWei, 0n);
}

function sumOf(books: Books, currency: string): bigint {
  return [...books.accounts]
    .filter(([account]) => account.endsWith(` ${currency}`))
    .reduce((sum, [, amount]) => sum + amount, 0n);
}
