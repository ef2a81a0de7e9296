import { FetchRequest, Interface, JsonRpcProvider } from 'ethers';

/**
 * Does the contract at an address take this signature of a hash for its own (EIP-1271)? False
 * when there is no contract, it says no, or it stands on another chain than the one asked.
 */
export type AskContract = (question: {
  readonly address: string;
  readonly chainId: number;
  readonly hash: string;
  readonly signature: string;
}) => Promise<boolean>;

const ABI = new Interface(['function isValidSignature(bytes32,bytes) view returns (bytes4)']);
const MAGIC_VALUE = '0x1626ba7e';
const RPC_TIMEOUT_MS = 5_000;
/** A contract of a stranger runs on the node we ask: it gets this much and no more. */
const GAS_MAX = 5_000_000;

/** Opens the chain at an RPC URL. The answer of a node that fails is no. */
export function openContractAsker(rpcUrl: string): { ask: AskContract; stop: () => void } {
  const request = new FetchRequest(rpcUrl);
  request.timeout = RPC_TIMEOUT_MS;
  const provider = new JsonRpcProvider(request, undefined, { batchMaxCount: 1 });
  const ask: AskContract = async ({ address, chainId, hash, signature }) => {
    try {
      const network = await provider.send('eth_chainId', []);
      if (BigInt(network) !== BigInt(chainId)) return false;
      const data = ABI.encodeFunctionData('isValidSignature', [hash, signature]);
      const call = { to: address, data, gas: `0x${GAS_MAX.toString(16)}` };
      const answer: unknown = await provider.send('eth_call', [call, 'latest']);
      // bytes4 stands left in its word; anything shorter is no answer of such a contract.
      return answer === `${MAGIC_VALUE}${'0'.repeat(56)}`;
    } catch {
      return false;
    }
  };
  return { ask, stop: () => provider.destroy() };
}
