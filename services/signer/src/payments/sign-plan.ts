import type { Custody } from '../keystore/custody.ts';
import type { PaymentPlan } from './plan.ts';

/** The answer of `/generate-live-payment` and what the journal keeps of it. */
export type SignedPayment = {
  /** The JSON response with its trailing newline. */
  readonly body: Buffer;
  /** Ticket hashes in nonce order, 32 bytes each. */
  readonly ticketHashes: Uint8Array;
  /** SHA-256 over the ticket hashes, 64 hex digits. */
  readonly ticketsHash: string;
};

export type SignPlan = (custody: Custody, plan: PaymentPlan) => SignedPayment;
