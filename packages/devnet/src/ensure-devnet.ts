import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deployContracts } from './contracts/deploy-contracts.ts';
import { type Deployment, deploymentSchema } from './contracts/deployment.ts';
import { isDeployed } from './contracts/is-deployed.ts';
import { fundSender } from './tickets/fund-sender.ts';
import { getSenderInfo } from './tickets/get-sender-info.ts';

/** What a development chain must have, and where it is noted down. */
export type EnsureDevnetOptions = {
  readonly rpcUrl: string;
  readonly deploymentFile: string;
  /** Who pays with tickets; without it nobody is funded. */
  readonly senderAddress?: string;
  readonly depositWei: bigint;
  readonly reserveWei: bigint;
  readonly deployerKey?: string;
};

/** The contracts, and whether they were deployed now: then a new chain epoch begins. */
export type EnsuredDevnet = {
  readonly deployment: Deployment;
  readonly fresh: boolean;
  /** Differs for every chain that ever was: chain id and genesis block. */
  readonly chainEpoch: string;
};

/**
 * Sees that the contracts stand on this chain and that the sender has funds: what was noted is
 * checked against the chain; otherwise everything is deployed and funded anew.
 */
export async function ensureDevnet(options: EnsureDevnetOptions): Promise<EnsuredDevnet> {
  const { rpcUrl, deploymentFile, senderAddress, depositWei, reserveWei, deployerKey } = options;
  const key = deployerKey === undefined ? {} : { deployerKey };
  const noted = readDeployment(deploymentFile);
  const stands = noted !== undefined && (await isDeployed({ rpcUrl, contracts: noted })).deployed;
  const deployment = stands ? noted : await deployContracts({ rpcUrl, ...key });
  if (senderAddress !== undefined) {
    const { ticketBroker } = deployment;
    const info = await getSenderInfo({ rpcUrl, ticketBroker, senderAddress });
    if (info.depositWei === 0n || info.reserveWei === 0n) {
      const funderKey = deployerKey === undefined ? {} : { funderKey: deployerKey };
      const funds = { senderAddress, depositWei, reserveWei };
      await fundSender({ rpcUrl, ticketBroker, ...funds, ...funderKey });
    }
  }
  if (!stands) writeDeployment(deploymentFile, deployment);
  return { deployment, fresh: !stands, chainEpoch: epochOf(deployment) };
}

/** Names one chain among all that had the same id: `<chain id>-<start of the genesis hash>`. */
export function epochOf(deployment: Deployment): string {
  return `${deployment.chainId}-${deployment.genesisHash.slice(2, 18)}`;
}

function readDeployment(path: string): Deployment | undefined {
  try {
    return deploymentSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function writeDeployment(path: string, deployment: Deployment): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(deployment, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
