import type { Address } from '@clearinghouse/shared';

/**
 * A payment session, as the signed state blob carries it. The client holds the blob and
 * brings it back with each call; field order and names on the wire are go-livepeer's.
 */
export type SessionState = {
  /** Any string up to `SIGNER_LIMITS.idCharsMax`: go-livepeer's has 8 hex digits, ours 32. */
  readonly stateId: string;
  /** `0x` and the hex of the recipientRandHash that the nonces count for. */
  readonly pmSessionId: string;
  /** Nanoseconds since the Unix epoch; {@link ZERO_TIME_NS} when never updated. */
  readonly lastUpdateNs: bigint;
  readonly orchestratorAddress: Address;
  readonly app: string;
  readonly authExpirySec: bigint;
  /** The last nonce used under `pmSessionId`: uint32. */
  readonly senderNonce: number;
  /** Carried credit in wei, an exact fraction as text (`a` or `a/b`). */
  readonly balance: string;
  readonly initialPricePerUnit: bigint;
  readonly initialPixelsPerUnit: bigint;
  readonly type: string;
  readonly sequenceNumber: bigint;
  /** `{app}:{subject}` whom the session belongs to; empty in states of a go-livepeer signer. */
  readonly authId: string;
};

/** Go's zero time, 0001-01-01T00:00:00Z. */
export const ZERO_TIME_NS = -62_135_596_800n * 1_000_000_000n;
