import type { CallRpc } from './call-rpc.ts';

const CHAIN_ID = /^0x[0-9a-f]{1,16}$/i;

/** Which chain a node says it is on; undefined when it says nothing that is one. */
export async function readChainId(rpc: CallRpc): Promise<bigint | undefined> {
  const answer = await rpc('eth_chainId', []);
  return typeof answer === 'string' && CHAIN_ID.test(answer) ? BigInt(answer) : undefined;
}
