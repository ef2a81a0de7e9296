import { getAddress } from 'ethers';
import { fromHex } from '../amounts/big-bytes.ts';
import type { Rational } from '../amounts/rational.ts';
import { balanceOf, debitAccount } from './account-book.ts';
import { type InfoAge, makeInfo } from './make-info.ts';
import { openSession, type SenderProof } from './open-session.ts';
import type { WinningTicket } from './process-payment.ts';
import type { PaymentHeaders } from './read-payment.ts';
import type { RefusalReason } from './refusals.ts';
import {
  emptyBooks,
  type PaymentReceipt,
  type TakePaymentDeps,
  takePayment,
} from './take-payment.ts';
import type { OrchestratorSession, SessionTerms } from './terms.ts';

/** An honest orchestrator in this process. */
export type Orchestrator = {
  /** Checksummed, as a person reads it. */
  readonly address: string;
  readonly serviceUrl: string;
  /** GetOrchestratorInfo's first half; `undefined` when the sender's proof does not hold. */
  readonly openSession: (
    proof: SenderProof,
    terms: SessionTerms,
  ) => OrchestratorSession | undefined;
  /** GetOrchestratorInfo's second half: an encoded `net.OrchestratorInfo`, fresh each time. */
  readonly infoOf: (session: OrchestratorSession, age?: InfoAge) => Promise<Uint8Array>;
  readonly sessionOf: (sessionId: string) => OrchestratorSession | undefined;
  /** Takes a payment; see {@link takePayment} for `openingManifestId`. */
  readonly pay: (headers: PaymentHeaders, openingManifestId?: string) => Promise<PaymentReceipt>;
  /** Debits work done at the first price of (sender, manifest); false when not covered. */
  readonly debit: (input: {
    readonly sender: string;
    readonly manifestId: string;
    readonly units: bigint;
  }) => boolean;
  /** What (sender, manifest) still has. */
  readonly balanceOf: (input: { readonly sender: string; readonly manifestId: string }) => Rational;
  readonly totals: () => OrchestratorTotals;
};

/** What an orchestrator took in all. */
export type OrchestratorTotals = {
  readonly payments: number;
  readonly ticketsAccepted: number;
  readonly credit: Rational;
  readonly winners: readonly WinningTicket[];
  readonly refusals: ReadonlyMap<RefusalReason, number>;
};

/**
 * Makes an honest orchestrator; everything it holds is in memory. `recipient` is 20 bytes as
 * hex and must be registered with the BondingManager for its tickets to be redeemable.
 */
export function createOrchestrator(
  options: Omit<TakePaymentDeps, 'address'> & { readonly recipient: string },
): Orchestrator {
  const deps = { ...options, address: fromHex(options.recipient.toLowerCase()) };
  const books = emptyBooks();
  return {
    address: getAddress(options.recipient),
    serviceUrl: options.serviceUrl,
    openSession: (proof, terms) => openSession({ ...deps, sessions: books.sessions }, proof, terms),
    infoOf: (session, age) => makeInfo(deps, session, age),
    sessionOf: (sessionId) => books.sessions.get(sessionId),
    pay: (headers, openingManifestId) => takePayment(deps, books, { headers, openingManifestId }),
    debit: (input) => debitAccount(books.accounts, input),
    balanceOf: (input) => balanceOf(books.accounts, input),
    totals: () => ({
      payments: books.payments,
      ticketsAccepted: books.ticketsAccepted,
      credit: books.credit,
      winners: [...books.winners],
      refusals: new Map(books.refusals),
    }),
  };
}
