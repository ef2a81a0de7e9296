import { z } from 'zod';
import {
  CONTRACT_LIMITS,
  countField,
  hash32Field,
  idField,
  positionField,
  tracesField,
} from './fields.ts';

/** A payment that was signed and journaled: its hold becomes usage. */
export const settleItemSchema = z.object({
  holdId: z.uuid(),
  /** SHA-256 over the ticket hashes of the payment, in nonce order. */
  ticketsHash: hash32Field,
  paymentHash: hash32Field,
  signedAtNs: countField,
});

export type SettleItem = z.infer<typeof settleItemSchema>;

/** The job of `usage-settle`. */
export const settleRequestSchema = z.object({
  replicaId: idField,
  items: z.array(settleItemSchema).min(1).max(CONTRACT_LIMITS.batchItemsMax),
  traces: tracesField,
});

/**
 * - `settled`: posted now; `already`: was posted before; both are the acknowledgement.
 * - `late`: posted after the hold had expired or been released; also an acknowledgement.
 * - `mismatch`, `unknown`: an alarm on both sides; the journal keeps the entry.
 */
export const SETTLE_RESULTS = ['settled', 'already', 'late', 'mismatch', 'unknown'] as const;
export type SettleResult = (typeof SETTLE_RESULTS)[number];

/** One result for each item, in the order of the items. */
export const settleReplySchema = z.object({ results: z.array(z.enum(SETTLE_RESULTS)) });

/** The job of `hold-release`: the signer failed after a grant and signed nothing. */
export const releaseRequestSchema = z.object({
  replicaId: idField,
  items: z
    .array(z.object({ holdId: z.uuid(), reason: z.string().max(64) }))
    .min(1)
    .max(CONTRACT_LIMITS.batchItemsMax),
});

export const RELEASE_RESULTS = ['released', 'already', 'settled', 'unknown'] as const;
export type ReleaseResult = (typeof RELEASE_RESULTS)[number];

export const releaseReplySchema = z.object({ results: z.array(z.enum(RELEASE_RESULTS)) });

/**
 * Told each second: every ask of this signer process up to `grantsClosedUpTo` is finished
 * (refused, released, or signed with its settlement acknowledged). `last` says that the
 * process is gone and its journal was fully acknowledged.
 */
export const watermarkSchema = z.object({
  replicaId: idField,
  grantsClosedUpTo: positionField,
  last: z.boolean(),
});

export type Watermark = z.infer<typeof watermarkSchema>;
