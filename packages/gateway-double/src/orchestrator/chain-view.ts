/** What an orchestrator reads from the chain. */
export type ChainView = {
  readonly lastSeenL1Block: () => Promise<bigint>;
  readonly currentRound: () => Promise<Round>;
  readonly withdrawRoundOf: (sender: string) => Promise<bigint>;
  readonly isActive: (recipient: string) => Promise<boolean>;
};

/** An initialized round and its block's hash (32 bytes). */
export type Round = { readonly number: bigint; readonly blockHash: Uint8Array };
