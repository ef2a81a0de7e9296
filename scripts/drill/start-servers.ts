import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anvilCommand, ensureDevnet, waitForAnvil } from '@clearinghouse/devnet';
import {
  type EmbeddedPostgres,
  findFreePort,
  provisionDatabases,
  type StartedProcess,
  startEmbeddedPostgres,
  startProcess,
  stopInOrder,
} from '@clearinghouse/embedded';
import {
  DEVELOPMENT_FUNDS,
  type DevKeystore,
  type DevSecrets,
  keepKeystore,
  keepSecrets,
} from '@clearinghouse/stack';
import { type DrillRedis, runRedis } from './run-redis.ts';

/** What the services of a drill lean on, in one folder. */
export type Servers = {
  readonly dataDir: string;
  readonly secrets: DevSecrets;
  readonly keystore: DevKeystore;
  readonly postgres: EmbeddedPostgres;
  readonly redis: DrillRedis;
  readonly chain: Chain;
};

type Chain = {
  readonly process: StartedProcess;
  readonly rpcUrl: string;
  readonly controllerAddress: string;
  readonly chainId: string;
};

/** After the services, before Postgres. */
const STOP_ORDER = 500;

/** Starts Postgres with fsync on, Redis and a funded chain, all on free ports. */
export async function startServers(): Promise<Servers> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clearinghouse-drill-'));
  chmodSync(dataDir, 0o711);
  for (const folder of ['pids', 'logs']) mkdirSync(join(dataDir, folder));
  const secrets = keepSecrets(dataDir);
  const keystore = await keepKeystore(dataDir, secrets.keystorePassword);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: await findFreePort(),
    password: secrets.postgresPassword,
    rolePasswords: secrets.rolePasswords,
    runFolder: join(dataDir, 'pids'),
  });
  const started: StartedProcess[] = [postgres.process];
  try {
    await provisionDatabases({
      superuserUrl: postgres.url('postgres', 'postgres'),
      passwords: secrets.rolePasswords,
    });
    const redis = await runRedis(dataDir);
    started.push(redis.process());
    const chain = await startChain(dataDir, keystore.address);
    return { dataDir, secrets, keystore, postgres, redis, chain };
  } catch (error) {
    await stopInOrder(started);
    throw error;
  }
}

async function startChain(dataDir: string, senderAddress: string): Promise<Chain> {
  const port = await findFreePort();
  const { command, args } = anvilCommand({ port });
  const child = await startProcess({
    name: 'anvil',
    command,
    args,
    pidFolder: join(dataDir, 'pids'),
    logFile: join(dataDir, 'logs', 'anvil.log'),
    stopOrder: STOP_ORDER,
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitForAnvil(rpcUrl, child.hasExited);
  const { deployment } = await ensureDevnet({
    rpcUrl,
    deploymentFile: join(dataDir, 'deployment.json'),
    senderAddress,
    ...DEVELOPMENT_FUNDS,
  });
  const { controller, chainId } = deployment;
  return { process: child, rpcUrl, controllerAddress: controller, chainId: String(chainId) };
}
