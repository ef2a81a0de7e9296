import { join } from 'node:path';
import { anvilCommand, type Deployment, ensureDevnet, waitForAnvil } from '@clearinghouse/devnet';
import { type StartedProcess, startProcess } from '@clearinghouse/embedded';
import { DEVELOPMENT_FUNDS } from './development-chain.ts';

/** A development chain with Livepeer's contracts. */
export type FundedChain = {
  readonly process: StartedProcess;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** The contracts were deployed just now. */
  readonly fresh: boolean;
  /** Tells this development chain from the next one. */
  readonly chainEpoch: string;
};

/** Stopped after the services, before Postgres. */
const STOP_ORDER = 500;

/**
 * Starts anvil, deploys Livepeer's contracts where they are missing, and funds the signer.
 *
 * @param input.stateFile where the chain is saved when it stops; absent: it is forgotten.
 * @param input.folder where the addresses of the contracts are kept.
 */
export async function startFundedChain(input: {
  readonly dataDir: string;
  readonly folder: string;
  readonly port: number;
  readonly senderAddress: string;
  readonly stateFile?: string;
}): Promise<FundedChain> {
  const { dataDir, port, senderAddress, stateFile } = input;
  const { command, args } = anvilCommand({
    port,
    ...(stateFile === undefined ? {} : { stateFile }),
  });
  const process = await startProcess({
    name: 'anvil',
    command,
    args,
    pidFolder: join(dataDir, 'pids'),
    logFile: join(dataDir, 'logs', 'anvil.log'),
    stopOrder: STOP_ORDER,
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitForAnvil(rpcUrl, process.hasExited);
  const { deployment, fresh, chainEpoch } = await ensureDevnet({
    rpcUrl,
    deploymentFile: join(input.folder, 'deployment.json'),
    senderAddress,
    ...DEVELOPMENT_FUNDS,
  });
  return { process, rpcUrl, deployment, fresh, chainEpoch };
}
