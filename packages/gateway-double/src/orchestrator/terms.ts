import type { PriceInfo } from '../wire/messages.ts';

/** What an orchestrator asks for a session: its price and the kind of ticket it wants. */
export type SessionTerms = {
  readonly price: PriceInfo;
  readonly faceValueWei: bigint;
  readonly evWei: bigint;
};

/** An open session of an orchestrator with one sender. */
export type OrchestratorSession = {
  readonly sessionId: string;
  readonly sender: Uint8Array;
  /** Replaced when the orchestrator changes its price. */
  terms: SessionTerms;
};
