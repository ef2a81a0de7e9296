/** Each part that must be there before payments are accepted; true when it is. */
export type Readiness = {
  /** Billing's tables and the statuses of identities can be read. */
  readonly database: boolean;
  readonly migrations: boolean;
  readonly queue: boolean;
  /** A price of ether that is not stale. */
  readonly price: boolean;
};
