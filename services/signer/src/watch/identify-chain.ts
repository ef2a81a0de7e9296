import { createContractCaller } from '../chain/call-contract.ts';
import type { CallRpc } from '../chain/call-rpc.ts';
import { type Contracts, lookUpContracts } from '../chain/look-up-contracts.ts';
import { readChainId } from '../chain/read-chain-id.ts';
import { readBlock } from './read-blocks.ts';

/** Hex digits of the first block's hash that name a chain. */
const EPOCH_CHARS = 16;

/** Which chain this is, and where Livepeer is on it. */
export type ChainIdentity = {
  /** `42161-…`: tells a development chain from the next one with the same id. */
  readonly chain: string;
  readonly chainId: bigint;
  readonly contracts: Contracts;
};

/**
 * Asks a node which chain it is on.
 *
 * @throws Error when it is another one than configured, or without Livepeer's contracts.
 */
export async function identifyChain(
  rpc: CallRpc,
  options: {
    readonly controllerAddress: string;
    readonly chainId: bigint | undefined;
    readonly epoch: string | undefined;
  },
): Promise<ChainIdentity> {
  const chainId = await readChainId(rpc);
  if (!chainId || (options.chainId !== undefined && chainId !== options.chainId)) {
    throw new Error(`the node is on chain ${chainId ?? 'unknown'}, not ${options.chainId}`);
  }
  const latest = await readBlock(rpc, 'latest');
  if (!latest) throw new Error('the node has no block');
  const { controllerAddress, epoch } = options;
  const call = createContractCaller(rpc);
  const contracts = await lookUpContracts({ call, controllerAddress }, latest.block);
  if (epoch !== undefined) return { chain: epoch, chainId, contracts };
  const first = await readBlock(rpc, 0);
  if (!first) throw new Error('the node does not know the first block: set CHAIN_EPOCH');
  return { chain: `${chainId}-${first.ref.hash.slice(0, EPOCH_CHARS)}`, chainId, contracts };
}
