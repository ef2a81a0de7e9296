import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
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
  /**
   * Names one chain among all that ever had this id, and lasts as long as it does. Random, since
   * two chains that start in the same second have the same genesis block.
   */
  readonly chainEpoch: string;
};

const noteSchema = z.object({ deployment: deploymentSchema, chainEpoch: z.string().min(1) });
type Note = z.infer<typeof noteSchema>;

/**
 * Sees that the contracts stand on this chain and that the sender has funds: what was noted is
 * checked against the chain; otherwise everything is deployed and funded anew.
 */
export async function ensureDevnet(options: EnsureDevnetOptions): Promise<EnsuredDevnet> {
  const { rpcUrl, deploymentFile, senderAddress, depositWei, reserveWei, deployerKey } = options;
  const key = deployerKey === undefined ? {} : { deployerKey };
  const noted = readNote(deploymentFile);
  const stands = noted !== undefined && (await stillStands(rpcUrl, noted));
  const note = stands ? noted : newNote(await deployContracts({ rpcUrl, ...key }));
  const { deployment, chainEpoch } = note;
  if (senderAddress !== undefined) {
    const { ticketBroker } = deployment;
    const info = await getSenderInfo({ rpcUrl, ticketBroker, senderAddress });
    if (info.depositWei === 0n || info.reserveWei === 0n) {
      const funderKey = deployerKey === undefined ? {} : { funderKey: deployerKey };
      const funds = { senderAddress, depositWei, reserveWei };
      await fundSender({ rpcUrl, ticketBroker, ...funds, ...funderKey });
    }
  }
  if (!stands) writeNote(deploymentFile, note);
  return { deployment, fresh: !stands, chainEpoch };
}

async function stillStands(rpcUrl: string, note: Note): Promise<boolean> {
  return (await isDeployed({ rpcUrl, contracts: note.deployment })).deployed;
}

function newNote(deployment: Deployment): Note {
  return { deployment, chainEpoch: `${deployment.chainId}-${randomBytes(8).toString('hex')}` };
}

function readNote(path: string): Note | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function writeNote(path: string, note: Note): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(note, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
