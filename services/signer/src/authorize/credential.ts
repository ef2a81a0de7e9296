import type { Principal, Refusal } from '@clearinghouse/shared';

/** Why a caller is not let in. */
export type AuthRefusal =
  | 'invalid_token'
  | 'suspended'
  | 'insufficient_scope'
  | 'browser_key_refused'
  | 'unavailable';

/** Who a caller is, or why it is not let in. */
export type AuthOutcome =
  | { readonly ok: true; readonly principal: Principal }
  | Refusal<AuthRefusal>;

/** What a request says of its caller. */
export type Presented = {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** An `Origin` header was sent: a browser asks. */
  readonly fromBrowser: boolean;
};
