import type { Address, HoldItemWire, Wei } from '@clearinghouse/shared';

/** What a signer needs to make a payment again, as it came: amounts are canonical texts. */
export type RebuildTexts = HoldItemWire['rebuild'];

/**
 * A hold item that passed every check. Its amounts stay the texts that came, since they go to the
 * table and back as they are; what is computed with is a bigint.
 */
export type CheckedItem = Omit<HoldItemWire, 'senderAddress' | 'ticketEvWei'> & {
  readonly senderAddress: Address;
  readonly feeWei: Wei;
  readonly ticketEvWei: Wei;
};
