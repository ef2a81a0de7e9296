import { Contract, id, type JsonRpcProvider } from 'ethers';
import { readArtifact } from './artifact.ts';
import {
  CONTRACT_NAMES,
  type ContractField,
  type Deployment,
  deploymentSchema,
} from './deployment.ts';

/**
 * Asks a Controller for every contract, and the chain for what it is.
 *
 * @throws Error when there is no Controller at that address.
 */
export async function lookUpContracts(
  provider: JsonRpcProvider,
  controller: string,
): Promise<Deployment> {
  const contract = new Contract(controller, readArtifact('Controller').abi, provider);
  const find = contract.getFunction('getContract');
  const found: Partial<Record<ContractField, string>> = {};
  for (const [field, name] of Object.entries(CONTRACT_NAMES)) {
    found[field as ContractField] = String(await find(id(name)));
  }
  const genesis = await provider.getBlock(0);
  const { chainId } = await provider.getNetwork();
  return deploymentSchema.parse({
    ...found,
    controller,
    chainId: Number(chainId),
    genesisHash: genesis?.hash,
  });
}
