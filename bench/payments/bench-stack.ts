import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  findFreePort,
  type StartedProcess,
  startProcess,
  stopInOrder,
} from '@clearinghouse/embedded';
import { migrateQueue } from '@clearinghouse/shared';
import {
  adminToken,
  environmentOf,
  giveCredit,
  keepSeed,
  type Seeded,
  type ServiceKind,
  type ServicesOptions,
  startFoundation,
  startFundedChain,
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
  const foundation = await startFoundation('clearinghouse-bench-');
  const { dataDir, secrets, keystore, postgres } = foundation;
  const processes = new Map<string, StartedProcess>([['postgres', postgres.process]]);
  const redisUrl = await startQueue(options.backend, { dataDir, postgres, processes });
  const chain = await startFundedChain({
    dataDir,
    folder: dataDir,
    port: await findFreePort(),
    senderAddress: keystore.address,
  });
  processes.set('anvil', chain.process);
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
      rpcUrl: chain.rpcUrl,
      controllerAddress: chain.deployment.controller,
      chainId: String(chain.deployment.chainId),
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
    stop: async () => {
      await stopInOrder([...processes.values()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
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
