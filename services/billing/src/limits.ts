import { BILLING_REQUEST_LIMITS } from '@clearinghouse/shared';

/** Every bound of this service, with its name. Times in milliseconds unless named. */
export const LIMITS = {
  /**
   * Holds in one transaction: small enough that the next batch is parsed and the last one answered
   * while the database works on this one.
   */
  holdBatchMax: 128,
  /** Batches of one shard under way: the second waits for the lock of the first, ready to go. */
  holdBatchesInFlight: 2,
  /** Holds of one shard that may wait; above it an ask is refused `unavailable`. */
  holdsWaitingMax: 16_384,
  /** Tries of a batch whose keys another process took in between. */
  holdAttemptsMax: 5,
  /** Payments of one state and sequence number beyond the first. */
  forksMax: 3,
  /** A first call is given again for this long, while its session has not advanced. */
  firstCallReplayMs: 60_000,
  settleBatchMax: 500,
  sweepBatchMax: 500,
  /** Batches of one sweep; what is left waits for the next one. */
  sweepRoundsMax: 20,
  purgeBatchMax: 5_000,
  requestBodyBytesMax: 65_536,
  ...BILLING_REQUEST_LIMITS,
  usageRangeDaysMax: 366,
  /** Rows of one usage answer. */
  usageRowsMax: 10_000,
  jwksTimeoutMs: 3_000,
  /** How far the signer's clock may be from ours before `occurred_at` is ours. */
  clockAheadMaxMs: 300_000,
  clockBehindMaxMs: 35 * 86_400_000,
  /** A new price this many times the last one, or this part of it, is refused. */
  priceJumpMax: 10n,
  databaseConnectionsMax: 12,
  statementTimeoutMs: 10_000,
} as const;
