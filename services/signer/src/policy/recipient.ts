/** What the chain says of an account that may be paid. */
export type RecipientFacts = {
  /** It is a transcoder of the BondingManager, so that its winning tickets can be redeemed. */
  readonly isRegistered: boolean;
  /** Where it says that it can be reached, in each registry that is asked. */
  readonly serviceUris: readonly string[];
};

/** The facts of an account as lately known; absent when the chain cannot be asked. */
export type LookUpRecipient = (
  address: string,
) => RecipientFacts | undefined | Promise<RecipientFacts | undefined>;
