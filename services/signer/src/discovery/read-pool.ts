import { readWords, SELECTORS, toWord, wordToAddress, wordToBigInt } from '../chain/abi.ts';
import type { CallRpc } from '../chain/call-rpc.ts';
import { findContract } from '../chain/find-contract.ts';
import { DISCOVERY_LIMITS } from '../limits.ts';
import type { RecipientFacts } from '../policy/recipient.ts';

export type ReadPoolDeps = {
  readonly rpc: CallRpc;
  readonly controllerAddress: string;
  /** Reads where an orchestrator says that it serves. */
  readonly readRecipient: (address: string) => Promise<RecipientFacts>;
};

/**
 * Reads the service URIs of the orchestrators in the BondingManager's pool, most stake first.
 *
 * @throws Error when the node or a contract does not answer as it should.
 */
export async function readPool(deps: ReadPoolDeps): Promise<string[]> {
  const call = (to: string, data: string) => deps.rpc('eth_call', [{ to, data }, 'latest']);
  const bondingManager = await findContract(call, deps.controllerAddress, 'bondingManager');
  const uris = new Set<string>();
  let data: string = SELECTORS.getFirstTranscoderInPool;
  for (let read = 0; read < DISCOVERY_LIMITS.nodesMax; read += 1) {
    const [word] = readWords(await call(bondingManager, data), 1);
    // The end of the pool is the zero address.
    if (wordToBigInt(word) === 0n) break;
    const address = wordToAddress(word);
    for (const uri of (await deps.readRecipient(address)).serviceUris) uris.add(uri);
    data = `${SELECTORS.getNextTranscoderInPool}${toWord(address)}`;
  }
  return [...uris];
}
