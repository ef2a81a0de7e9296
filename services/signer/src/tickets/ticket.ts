/**
 * One probabilistic micropayment ticket, as TicketBroker hashes it. All byte fields have
 * their exact length; amounts are below 2^256.
 */
export type Ticket = {
  /** Who may redeem it: 20 bytes. */
  readonly recipient: Uint8Array;
  /** Whose deposit pays it: 20 bytes. */
  readonly sender: Uint8Array;
  readonly faceValueWei: bigint;
  /** It wins when its outcome, a uint256, is below this. */
  readonly winProb: bigint;
  /** uint32; the first ticket of a fresh session has 1. */
  readonly senderNonce: number;
  /** keccak256 of the recipient's secret: 32 bytes. */
  readonly recipientRandHash: Uint8Array;
  /** With the block hash all zero, the ticket's auxData is empty. */
  readonly creationRound: bigint;
  /** 32 bytes. */
  readonly creationBlockHash: Uint8Array;
};

/** Tickets of one payment: all alike but for their consecutive nonces. The sender is the signer. */
export type TicketBatch = Omit<Ticket, 'sender' | 'senderNonce'> & {
  readonly nonceFrom: number;
  /** 1 to `SIGNER_LIMITS.ticketsMax`. */
  readonly count: number;
};

/** Hashes and signatures of a batch in nonce order, each kind in one block of memory. */
export type SignedTickets = {
  /** 32 bytes a ticket. */
  readonly hashes: Uint8Array;
  /** 65 bytes a ticket: r, s, v (27 or 28). */
  readonly signatures: Uint8Array;
};
