import type { Address } from '@clearinghouse/shared';

/** What the operator says of redemptions that this installation did not sign. */
export type ChainRules = {
  /** Tickets of earlier rounds are others'; absent: earlier than the round of the beginning. */
  readonly adoptedAtRound: bigint | undefined;
  /** Declared other signers with our key: wei that may be redeemed of the tickets of one round. */
  readonly coSignerWeiPerRound: ReadonlyMap<Address, bigint>;
};
