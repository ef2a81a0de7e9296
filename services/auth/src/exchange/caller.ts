/** The confidential client that asks, after it has authenticated. */
export type Caller = {
  readonly clientId: string;
  /** Undefined for the operator's admin clients. */
  readonly appId: string | undefined;
  readonly scopes: readonly string[];
};

/** What a token request is answered with. */
export type TokenAnswer = {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
  readonly issued_token_type?: string;
  readonly refresh_token?: string;
  readonly balanceUsdMicros?: string;
  readonly lifetimeGrantedUsdMicros?: string;
};

/** A balance as two decimal strings of micro-USD. */
export type Balance = {
  readonly balanceUsdMicros: string;
  readonly lifetimeGrantedUsdMicros: string;
};

/** Asks billing for a user's balance; undefined when it cannot be had now. */
export type FetchBalance = (input: {
  appId: string;
  externalUserId: string;
  clientId: string;
}) => Promise<Balance | undefined>;
