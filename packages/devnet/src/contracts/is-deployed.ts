import type { JsonRpcProvider } from 'ethers';
import { withProvider } from '../chain/with-provider.ts';
import { CONTRACT_NAMES, type ContractField, type Deployment } from './deployment.ts';
import { lookUpContracts } from './look-up-contracts.ts';

/** Whether the noted contracts stand on this chain; `why` is for the person who reads the log. */
export type DeployedAnswer =
  | { readonly deployed: true }
  | { readonly deployed: false; why: string };

/**
 * Is this the chain that was noted down, and do the contracts stand on it? Looks at the chain id,
 * the genesis block, the Controller's answers, and that every address has code.
 */
export function isDeployed(options: {
  rpcUrl: string;
  contracts: Deployment;
}): Promise<DeployedAnswer> {
  return withProvider(options.rpcUrl, async (provider) => {
    const why = await findDifference(provider, options.contracts);
    return why === undefined ? { deployed: true } : { deployed: false, why };
  });
}

async function findDifference(
  provider: JsonRpcProvider,
  noted: Deployment,
): Promise<string | undefined> {
  if ((await provider.getNetwork()).chainId !== BigInt(noted.chainId)) return 'another chain id';
  if ((await provider.getBlock(0))?.hash !== noted.genesisHash) return 'another genesis block';
  if (!(await hasCode(provider, noted.controller))) return 'no code at the Controller';
  const found = await lookUpContracts(provider, noted.controller);
  for (const field of Object.keys(CONTRACT_NAMES) as ContractField[]) {
    if (found[field] !== noted[field]) return `another ${CONTRACT_NAMES[field]}`;
    if (!(await hasCode(provider, found[field]))) return `no code at ${CONTRACT_NAMES[field]}`;
  }
  return undefined;
}

async function hasCode(provider: JsonRpcProvider, address: string): Promise<boolean> {
  return (await provider.getCode(address)) !== '0x';
}
