import type { CurrentKeys } from './key-ring.ts';

/** What minting and verifying a token needs. */
export type TokenDeps = {
  readonly keys: CurrentKeys;
  /** `{origin}/api/v1/oidc`: issuer, and audience of signer and user tokens. */
  readonly issuer: string;
  /** `{origin}/api/v1`: audience of management tokens. */
  readonly managementAudience: string;
  readonly nowMs: () => number;
};
