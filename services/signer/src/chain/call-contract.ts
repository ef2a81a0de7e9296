import type { Block } from './block.ts';
import { type CallRpc, RpcRefusal } from './call-rpc.ts';

/** A read of a contract: where, and with what data. */
export type ContractCall = { readonly to: string; readonly data: string };

/** Reads a contract as it stands at one block. */
export type CallContract = (call: ContractCall, block: Block) => Promise<unknown>;

const INVALID_PARAMS = -32_602;

/**
 * Reads by the block's hash (EIP-1898), so that several reads see the same chain even while it
 * reorganises; by its number where a node refuses that. Only a node that cannot read the
 * parameters is not asked by hash again: another may just not have the block yet.
 */
export function createContractCaller(rpc: CallRpc): CallContract {
  let takesHash = true;
  return async ({ to, data }, block) => {
    if (takesHash) {
      try {
        return await rpc('eth_call', [{ to, data }, { blockHash: block.hash }]);
      } catch (error) {
        if (!(error instanceof RpcRefusal)) throw error;
        if (error.rpcCode === INVALID_PARAMS) takesHash = false;
      }
    }
    return await rpc('eth_call', [{ to, data }, block.number]);
  };
}
