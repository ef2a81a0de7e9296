import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  anvilCommand,
  checkStateFile,
  type Deployment,
  ensureDevnet,
  waitForAnvil,
} from '@clearinghouse/devnet';
import { type StartedProcess, startProcess } from '@clearinghouse/embedded';
import { DEVELOPMENT_FUNDS, type Settings } from '@clearinghouse/stack';

/** The development chain with its contracts. */
export type StartedChain = {
  readonly process: StartedProcess;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
};

/** Stopped after the services, before Postgres. */
const STOP_ORDER = 500;

/** Starts anvil, deploys Livepeer's contracts where they are missing, and funds the signer. */
export async function startChain(
  settings: Settings,
  senderAddress: string,
  say: (line: string) => void,
): Promise<StartedChain> {
  const folder = join(settings.dataDir, 'chain');
  mkdirSync(folder, { recursive: true });
  const stateFile = join(folder, 'state.json');
  const aside = checkStateFile(stateFile);
  if (aside) say(`the saved chain was half written; it is kept as ${aside}`);
  const port = settings.ports.anvil;
  const { command, args } = anvilCommand({ port, stateFile });
  const process = await startProcess({
    name: 'anvil',
    command,
    args,
    pidFolder: join(settings.dataDir, 'pids'),
    logFile: join(settings.dataDir, 'logs', 'anvil.log'),
    stopOrder: STOP_ORDER,
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitForAnvil(rpcUrl, process.hasExited);
  const { deployment, fresh } = await ensureDevnet({
    rpcUrl,
    deploymentFile: join(folder, 'deployment.json'),
    senderAddress,
    ...DEVELOPMENT_FUNDS,
  });
  if (fresh) say('TicketBroker and Controller deployed, deposit and reserve funded');
  return { process, rpcUrl, deployment };
}
