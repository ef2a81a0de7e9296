/** Every bound of this package. */
export const DEVNET_LIMITS = {
  anvilStartMs: 15_000,
  anvilStopMs: 10_000,
  pollMs: 20,
  rpcTimeoutMs: 5_000,
  /** A block with all of a batch's transactions; asked for when none comes by itself. */
  receiptMs: 30_000,
  /** Writes the chain to disk this often, so that a kill loses little. */
  stateIntervalSec: 5,
  deployGas: 8_000_000n,
  callGas: 500_000n,
  roundsMax: 1_000n,
} as const;

/** Anvil's own chain id; never one of a public chain. */
export const DEVNET_CHAIN_ID = 31_337;

/**
 * The first account of the well-known development phrase "test test ... junk". Whoever reads
 * this file has the key: it deploys contracts on a local chain and is good for nothing else.
 */
export const DEVNET_DEPLOYER_KEY =
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

/** Where the Controller stands on a fresh chain: the deployer's first contract. */
export const DEVNET_CONTROLLER_ADDRESS = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
