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
import { migrateQueue } from '@clearinghouse/shared';
import {
  adminToken,
  DEVELOPMENT_FUNDS,
  environmentOf,
  giveCredit,
  keepKeystore,
  keepSecrets,
  keepSeed,
  type Seeded,
  type ServiceKind,
  type ServicesOptions,
  startReplica,
} from '@clearinghouse/stack';

const ROOT = join(import.meta.dirname, '../..');
const CREDIT_MICROS = '1000000000000';

/** A whole stack with fsync on, for measuring: every process on this machine. */
export type BenchStack = {
  readonly dataDir: string;
  readonly postgres: EmbeddedPostgres;
  readonly signerUrl: string;
  readonly authOrigin: string;
  readonly seeded: Seeded;
  readonly services: ServicesOptions;
  readonly processes: Map<string, StartedProcess>;
  readonly start: (kind: ServiceKind, name: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

export type BenchStackOptions = {
  readonly backend: 'redis' | 'postgres';
  readonly extra?: ServicesOptions['extra'];
};

/** Starts Postgres, the queue's server, a chain, and one process of each service. */
export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clearinghouse-bench-'));
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
  const processes = new Map<string, StartedProcess>([['postgres', postgres.process]]);
  await provisionDatabases({
    superuserUrl: postgres.url('postgres', 'postgres'),
    passwords: secrets.rolePasswords,
  });
  const redisUrl = await startQueue(options.backend, { dataDir, postgres, processes });
  const chain = await startBenchChain(dataDir, keystore.address, processes);
  const ports = new Map<string, number>();
  for (const name of ['auth', 'billing', 'signer']) ports.set(name, await findFreePort());
  const url = (name: string) => `http://127.0.0.1:${ports.get(name)}`;
  const services: ServicesOptions = {
    root: ROOT,
    dataDir,
    secrets,
    keystoreFile: keystore.file,
    ...(options.extra === undefined ? {} : { extra: options.extra }),
    urls: {
      authOrigin: url('auth'),
      billingUrl: url('billing'),
      signerUrl: url('signer'),
      database: postgres.url,
      redisUrl,
      ...chain,
    },
  };
  const start = async (kind: ServiceKind, name: string) => {
    const port = ports.get(name) ?? (await findFreePort());
    ports.set(name, port);
    processes.set(name, await startReplica(kind, services, { name, port }));
    return `http://127.0.0.1:${port}`;
  };
  for (const kind of ['auth', 'billing', 'signer'] as const) await start(kind, kind);
  const seeded = await seedStack(services, ports.get('auth') ?? 0);
  return {
    dataDir,
    postgres,
    signerUrl: url('signer'),
    authOrigin: url('auth'),
    seeded,
    services,
    processes,
    start,
    stop: () => stopInOrder([...processes.values()]),
  };
}

async function seedStack(services: ServicesOptions, port: number): Promise<Seeded> {
  const { authOrigin } = services.urls;
  const env = environmentOf('auth', services, { name: 'auth', port });
  const seeded = await keepSeed({ root: ROOT, dataDir: services.dataDir, env });
  await giveCredit(authOrigin, await adminToken(authOrigin, seeded), {
    appId: seeded.app.id,
    amountMicros: CREDIT_MICROS,
    idempotencyKey: 'bench',
  });
  return seeded;
}

type Servers = {
  dataDir: string;
  postgres: EmbeddedPostgres;
  processes: Map<string, StartedProcess>;
};

async function startQueue(
  backend: BenchStackOptions['backend'],
  { dataDir, postgres, processes }: Servers,
): Promise<string | undefined> {
  if (backend === 'postgres') {
    const grantTo = ['queue_auth', 'queue_billing', 'queue_signer'];
    const postgresUrl = postgres.url('queue_owner', 'clearinghouse_queue');
    await migrateQueue({ postgresUrl, grantTo });
    return undefined;
  }
  const port = await findFreePort();
  const folder = join(dataDir, 'redis');
  mkdirSync(folder);
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  args.push('--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction');
  const child = await startProcess({
    name: 'redis',
    command: 'redis-server',
    args,
    pidFolder: join(dataDir, 'pids'),
    logFile: join(dataDir, 'logs', 'redis.log'),
    stopOrder: 400,
  });
  processes.set('redis', child);
  return `redis://127.0.0.1:${port}`;
}

async function startBenchChain(
  dataDir: string,
  senderAddress: string,
  processes: Map<string, StartedProcess>,
): Promise<{ rpcUrl: string; controllerAddress: string; chainId: string }> {
  const port = await findFreePort();
  const { command, args } = anvilCommand({ port });
  const child = await startProcess({
    name: 'anvil',
    command,
    args,
    pidFolder: join(dataDir, 'pids'),
    logFile: join(dataDir, 'logs', 'anvil.log'),
    stopOrder: 500,
  });
  processes.set('anvil', child);
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitForAnvil(rpcUrl, child.hasExited);
  const { deployment } = await ensureDevnet({
    rpcUrl,
    deploymentFile: join(dataDir, 'deployment.json'),
    senderAddress,
    ...DEVELOPMENT_FUNDS,
  });
  return {
    rpcUrl,
    controllerAddress: deployment.controller,
    chainId: String(deployment.chainId),
  };
}
