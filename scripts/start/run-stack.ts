import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { reapLeftovers, type StartedProcess, stopInOrder } from '@clearinghouse/embedded';
import {
  checkPorts,
  creditFirstApp,
  DEVELOPMENT_ORCHESTRATOR_KEY,
  type DevJson,
  environmentOf,
  keepKeystore,
  keepSecrets,
  keepSeed,
  type PortName,
  type Seeded,
  type ServicesOptions,
  type Settings,
  startReplica,
  writeDevJson,
} from '@clearinghouse/stack';
import { startChain } from './start-chain.ts';
import { startDatabase } from './start-database.ts';

/** A stack that runs, and what `.data/dev.json` says of it. */
export type RunningStack = {
  readonly dev: DevJson;
  readonly devJsonPath: string;
  readonly processes: readonly StartedProcess[];
};

type Say = (line: string) => void;

/**
 * Brings everything up in order: what an earlier run left behind goes first, then PostgreSQL,
 * the chain, the services, the first app. Every process is pushed to `processes` as it starts,
 * so that whoever stops in the middle can end them.
 */
export async function runStack(
  settings: Settings,
  processes: StartedProcess[],
  say: Say,
): Promise<RunningStack> {
  const { dataDir, root } = settings;
  for (const folder of ['logs', 'pids']) mkdirSync(join(dataDir, folder), { recursive: true });
  for (const name of await reapLeftovers(join(dataDir, 'pids'))) say(`ended a leftover: ${name}`);
  await checkPorts(settings.ports, portsNeeded(settings));
  if (!existsSync(join(dataDir, 'secrets.json'))) say('first start: making secrets and a keystore');
  const secrets = keepSecrets(dataDir);
  const keystore = await keepKeystore(dataDir, secrets.keystorePassword);

  say('PostgreSQL');
  const postgres = await startDatabase(settings, secrets, say);
  processes.push(postgres.process);
  const chain = await openChain(settings, keystore.address, processes, say);
  const url = (name: PortName) => `http://127.0.0.1:${settings.ports[name]}`;
  const services: ServicesOptions = {
    root,
    dataDir,
    secrets,
    keystoreFile: keystore.file,
    urls: {
      authOrigin: url('auth'),
      billingUrl: url('billing'),
      signerUrl: url('signer'),
      database: postgres.url,
      redisUrl: settings.redisUrl,
      rpcUrl: chain.rpcUrl,
      controllerAddress: chain.controller,
      chainId: chain.chainId,
    },
  };
  const seeded = await startAll(services, settings, processes, say);
  const dev: DevJson = {
    issuer: `${url('auth')}/api/v1/oidc`,
    origin: url('auth'),
    signerUrl: url('signer'),
    billingUrl: url('billing'),
    rpcUrl: chain.rpcUrl,
    contracts: chain.contracts,
    signerAddress: keystore.address,
    app: seeded.app,
    admin: seeded.admin,
    adminToken: 'POST {issuer}/token, grant_type=client_credentials, scope=admin, as admin client',
    apiKey: seeded.apiKey,
    users: seeded.users,
    ...(settings.ethRpcUrl ? {} : { orchestratorKey: DEVELOPMENT_ORCHESTRATOR_KEY }),
  };
  return { dev, devJsonPath: writeDevJson(dataDir, dev), processes };
}

function portsNeeded(settings: Settings): PortName[] {
  const names: PortName[] = ['auth', 'billing', 'signer', 'postgres'];
  return settings.ethRpcUrl ? names : [...names, 'anvil'];
}

/** Migrations run in the services' own start, under a lock. */
async function startAll(
  services: ServicesOptions,
  settings: Settings,
  processes: StartedProcess[],
  say: Say,
): Promise<Seeded> {
  const { ports, root, dataDir } = settings;
  say(`auth, with its migrations (queue: ${settings.redisUrl ? 'Redis' : 'Postgres'})`);
  processes.push(await startReplica('auth', services, { name: 'auth', port: ports.auth }));
  say('the first app');
  const env = environmentOf('auth', services, { name: 'auth', port: ports.auth });
  const seeded = await keepSeed({ root, dataDir, env });
  say('billing, with its migrations');
  processes.push(await startReplica('billing', services, { name: 'billing', port: ports.billing }));
  await creditFirstApp(services.urls.authOrigin, seeded);
  say('signer');
  processes.push(await startReplica('signer', services, { name: 'signer', port: ports.signer }));
  return seeded;
}

type OpenChain = {
  rpcUrl: string;
  controller: string;
  chainId: string | undefined;
  contracts: Readonly<Record<string, string>>;
};

async function openChain(
  settings: Settings,
  senderAddress: string,
  processes: StartedProcess[],
  say: Say,
): Promise<OpenChain> {
  if (settings.ethRpcUrl && settings.controllerAddress) {
    const controller = settings.controllerAddress;
    say(`chain: ${new URL(settings.ethRpcUrl).host} (yours)`);
    const contracts = { controller };
    return { rpcUrl: settings.ethRpcUrl, controller, chainId: undefined, contracts };
  }
  say('a local chain (anvil)');
  const chain = await startChain(settings, senderAddress, say);
  processes.push(chain.process);
  const { chainId, genesisHash: _genesis, ...contracts } = chain.deployment;
  return {
    rpcUrl: chain.rpcUrl,
    controller: contracts.controller,
    chainId: String(chainId),
    contracts,
  };
}

/** Stops everything that was started, who asks before who answers. */
export function stopStack(processes: readonly StartedProcess[]): Promise<void> {
  return stopInOrder(processes);
}
