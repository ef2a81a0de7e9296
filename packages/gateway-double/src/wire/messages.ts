/** `net.TicketParams`: the integers as bigint, the rest as it stands on the wire. */
export type TicketParams = {
  readonly recipient: Uint8Array;
  readonly faceValue: bigint;
  readonly winProb: bigint;
  readonly recipientRandHash: Uint8Array;
  readonly seed: bigint;
  readonly expirationBlock: bigint;
  readonly expirationParams?: ExpirationParams;
};

/** `net.TicketExpirationParams`: the round a ticket belongs to, and that round's block hash. */
export type ExpirationParams = {
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Uint8Array;
};

/** `net.PriceInfo`: wei for so many pixels, seconds or pieces. */
export type PriceInfo = {
  readonly pricePerUnit: bigint;
  readonly pixelsPerUnit: bigint;
  readonly capability?: number;
  readonly constraint?: string;
};

/** `net.AuthToken`. */
export type AuthToken = {
  readonly token: Uint8Array;
  readonly sessionId: string;
  readonly expirationSec: bigint;
};

/** `net.OrchestratorInfo`, as far as payments need it. */
export type OrchestratorInfo = {
  readonly transcoder: string;
  readonly ticketParams: TicketParams;
  readonly priceInfo: PriceInfo;
  readonly address: Uint8Array;
  readonly authToken: AuthToken;
};

/** `net.TicketSenderParams`. */
export type SenderParams = { readonly nonce: number; readonly sig: Uint8Array };

/** `net.Payment`. */
export type Payment = {
  readonly ticketParams: TicketParams | undefined;
  readonly sender: Uint8Array;
  readonly expirationParams: ExpirationParams;
  readonly tickets: readonly SenderParams[];
  readonly expectedPrice: PriceInfo | undefined;
};

/** `net.SegData`, as far as a payment fills it. */
export type SegData = {
  readonly manifestId: Uint8Array;
  readonly seq: bigint;
  readonly hash: Uint8Array;
  readonly profiles: Uint8Array;
  readonly sig: Uint8Array;
  readonly capabilities: Uint8Array | undefined;
  readonly authToken: AuthToken | undefined;
};
