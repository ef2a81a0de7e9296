import type { Actor, UsageSubject } from '../tokens/mint-signer-token.ts';

/** Who a subject token speaks for, and how far. */
export type ResolvedSubject = {
  readonly appId: string;
  readonly subject: UsageSubject;
  readonly scopes: readonly string[];
  readonly remainingSec: number;
  /** The client the token was issued to, or the id of another issuer; undefined for an API key. */
  readonly client: string | undefined;
  readonly keyId: string | undefined;
  readonly grantId: string | undefined;
  readonly act: Actor | undefined;
  readonly mayAct: string | undefined;
};
