import { toHex } from '../amounts/big-bytes.ts';
import { add, type Rational, ZERO } from '../amounts/rational.ts';
import { encodePaymentResult } from '../wire/convert-orchestrator-info.ts';
import { type AccountBook, creditAccount } from './account-book.ts';
import type { ChainView } from './chain-view.ts';
import { checkSegment } from './check-segment.ts';
import { makeInfo } from './make-info.ts';
import type { NonceBook } from './nonce-book.ts';
import { processPayment, type WinningTicket } from './process-payment.ts';
import { type PaymentHeaders, readPayment } from './read-payment.ts';
import { REFUSAL_STATUS, type RefusalReason } from './refusals.ts';
import type { OrchestratorSession } from './terms.ts';

/** The answer to a payment. */
export type PaymentReceipt =
  | {
      readonly ok: true;
      readonly ticketsAccepted: number;
      readonly credit: Rational;
      readonly winners: number;
      readonly manifestId: string;
      /** `net.PaymentResult` with fresh params for the same session. */
      readonly result: Uint8Array;
    }
  | { readonly ok: false; readonly status: number; readonly reason: RefusalReason };

/** Everything an orchestrator remembers. */
export type OrchestratorBooks = {
  readonly sessions: Map<string, OrchestratorSession>;
  readonly accounts: AccountBook;
  readonly nonces: NonceBook;
  readonly winners: WinningTicket[];
  readonly refusals: Map<RefusalReason, number>;
  payments: number;
  ticketsAccepted: number;
  credit: Rational;
};

export type TakePaymentDeps = {
  readonly secret: Uint8Array;
  readonly address: Uint8Array;
  readonly serviceUrl: string;
  readonly chain: ChainView;
  readonly nowSec: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly offeredBits?: readonly bigint[];
};

/** Empty books. */
export function emptyBooks(): OrchestratorBooks {
  return {
    sessions: new Map(),
    accounts: new Map(),
    nonces: new Map(),
    winners: [],
    refusals: new Map(),
    payments: 0,
    ticketsAccepted: 0,
    credit: ZERO,
  };
}

/**
 * Takes a payment from its two headers: credentials first, then ticket after ticket; credits
 * what was accepted and answers with fresh params.
 *
 * `openingManifestId` is given on a job's start, whose payment is credited under the
 * orchestrator's own id, whatever the credentials say.
 */
export async function takePayment(
  deps: TakePaymentDeps,
  books: OrchestratorBooks,
  input: { readonly headers: PaymentHeaders; readonly openingManifestId: string | undefined },
): Promise<PaymentReceipt> {
  const read = readPayment(input.headers);
  if (!read.ok) return note(books, read.reason);
  const { payment, segment } = read;
  const verdict = checkSegment({
    segment,
    sender: payment.sender,
    secret: deps.secret,
    offeredBits: deps.offeredBits,
    nowSec: deps.nowSec(),
  });
  if (!verdict.ok) return note(books, verdict.reason);
  const session = books.sessions.get(segment.authToken?.sessionId ?? '');
  if (session === undefined) return note(books, 'unknown_session');
  const manifestId = input.openingManifestId ?? Buffer.from(segment.manifestId).toString('utf8');
  const processed = await processPayment({ ...deps, nonces: books.nonces }, payment);
  keepWinners(books, processed.winners);
  books.ticketsAccepted += processed.ticketsAccepted;
  books.credit = add(books.credit, processed.credit);
  if (processed.ticketsAccepted > 0) {
    const { credit: amount, price } = processed;
    creditAccount(books.accounts, { sender: toHex(payment.sender), manifestId, amount, price });
  }
  if (processed.refusal !== undefined) return note(books, processed.refusal);
  books.payments += 1;
  return {
    ok: true,
    ticketsAccepted: processed.ticketsAccepted,
    credit: processed.credit,
    winners: processed.winners.length,
    manifestId,
    result: encodePaymentResult(await makeInfo(deps, session)),
  };
}

/** A winning ticket that comes twice can be redeemed once. */
function keepWinners(books: OrchestratorBooks, winners: readonly WinningTicket[]): void {
  for (const winner of winners) {
    const isKnown = books.winners.some(({ sig }) => Buffer.compare(sig, winner.sig) === 0);
    if (!isKnown) books.winners.push(winner);
  }
}

function note(books: OrchestratorBooks, reason: RefusalReason): PaymentReceipt {
  books.refusals.set(reason, (books.refusals.get(reason) ?? 0) + 1);
  return { ok: false, status: REFUSAL_STATUS[reason], reason };
}
