import type { Address } from '@clearinghouse/shared';

/** `net.PriceInfo`. */
export type PriceInfo = {
  readonly pricePerUnit: bigint;
  readonly pixelsPerUnit: bigint;
  /** go-livepeer's number of the capability, 0 when not said. */
  readonly capability: number;
  /** The model. */
  readonly constraint: string;
  /** The message as go-livepeer would write it again, unknown fields last. */
  readonly bytes: Uint8Array;
};

/** `net.TicketParams`, normalised as go-livepeer's parser does. */
export type TicketParams = {
  /** 20 bytes. */
  readonly recipient: Uint8Array;
  readonly faceValueWei: bigint;
  readonly winProb: bigint;
  /** 32 bytes. */
  readonly recipientRandHash: Uint8Array;
  readonly seed: bigint;
  readonly expirationBlock: bigint;
  /** int64; 0 when the orchestrator gave none. */
  readonly creationRound: bigint;
  /** 32 bytes; all zero when the orchestrator gave none. */
  readonly creationBlockHash: Uint8Array;
};

/** `net.AuthToken`. */
export type AuthToken = {
  readonly sessionId: string;
  /** Unix seconds, int64. */
  readonly expirationSec: bigint;
  /** The message as go-livepeer would write it again, unknown fields last. */
  readonly bytes: Uint8Array;
};

/** What a signer needs of `net.OrchestratorInfo`. */
export type OrchestratorInfo = {
  readonly transcoder: string;
  readonly address: Address;
  readonly priceInfo: PriceInfo | undefined;
  readonly ticketParams: TicketParams | undefined;
  readonly authToken: AuthToken | undefined;
};
