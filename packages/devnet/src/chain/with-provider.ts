import { JsonRpcProvider, Network } from 'ethers';
import { DEVNET_LIMITS } from '../limits.ts';
import { callRpc } from './call-rpc.ts';

/** Runs work with a provider that polls fast, caches nothing, and is closed afterwards. */
export async function withProvider<T>(
  rpcUrl: string,
  work: (provider: JsonRpcProvider) => Promise<T>,
): Promise<T> {
  const chainId = BigInt(String(await callRpc(rpcUrl, 'eth_chainId', [])));
  const provider = new JsonRpcProvider(rpcUrl, undefined, {
    staticNetwork: Network.from(chainId),
    cacheTimeout: -1,
    batchMaxCount: 1,
  });
  provider.pollingInterval = DEVNET_LIMITS.pollMs;
  try {
    return await work(provider);
  } finally {
    provider.destroy();
  }
}
