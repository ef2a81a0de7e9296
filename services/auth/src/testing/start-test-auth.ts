import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseQueueKeys } from '@clearinghouse/shared';
import {
  createTestDatabase,
  createTestQueue,
  type TestDatabase,
  type TestQueue,
} from '@clearinghouse/testing';
import { createApp } from '../app.ts';
import { bootstrapAdmin } from '../commands/bootstrap-admin.ts';
import { type Seed, seedInstallation } from '../commands/seed-installation.ts';
import { type Config, readConfig } from '../config.ts';
import { createDeps, type Deps } from '../deps.ts';
import { type BillingDouble, startBillingDouble } from './start-billing-double.ts';

/** One process of auth with its own ports, over the installation's database. */
export type TestReplica = {
  readonly url: string;
  readonly deps: Deps;
  readonly stop: () => Promise<void>;
};

/** An installation: a database, a queue, a billing double, a seed and its first replica. */
export type TestAuth = TestReplica & {
  readonly seed: Seed;
  readonly database: TestDatabase;
  readonly queue: TestQueue;
  readonly config: Config;
  readonly billing: BillingDouble;
  /** Another process of the same installation. */
  readonly startReplica: (env?: Record<string, string>) => Promise<TestReplica>;
};

export const TEST_QUEUE_KEYS = {
  'signer-to-auth': `k1:${'a'.repeat(64)}`,
  'auth-to-signer': `k1:${'b'.repeat(64)}`,
  'auth-to-billing': `k1:${'c'.repeat(64)}`,
} as const;

/** Starts an installation of auth for a test; `localhost` where a name is needed: passkeys. */
export async function startTestAuth(
  env: Record<string, string> = {},
  host: '127.0.0.1' | 'localhost' = '127.0.0.1',
): Promise<TestAuth> {
  const database = await createTestDatabase();
  const queue = await createTestQueue('postgres');
  const billing = await startBillingDouble();
  const http = await openPort(host);
  const base = {
    ORIGIN: http.url,
    DATABASE_URL: database.url('auth_app'),
    QUEUE_DATABASE_URL: queue.connection('auth').postgresUrl ?? '',
    QUEUE_KEY_SIGNER_TO_AUTH: TEST_QUEUE_KEYS['signer-to-auth'],
    QUEUE_KEY_AUTH_TO_SIGNER: TEST_QUEUE_KEYS['auth-to-signer'],
    QUEUE_KEY_AUTH_TO_BILLING: TEST_QUEUE_KEYS['auth-to-billing'],
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    API_KEY_PEPPER: `1:${randomBytes(32).toString('hex')}`,
    COOKIE_KEYS: `${'d'.repeat(64)},${'e'.repeat(64)}`,
    BILLING_INTERNAL_URL: billing.url,
    SIGNER_PUBLIC_URL: 'http://127.0.0.1:4002',
    // A suite asks more of one address in a minute than a person does; its own test sets 1.
    RATE_LIMIT_FACTOR: '10000',
    LOG_LEVEL: 'silent',
    ...env,
  };
  const replicas: TestReplica[] = [];
  const startOn = async (port: OpenPort, extra: Record<string, string>) => {
    const deps = await createDeps(readConfig({ ...base, ...extra }));
    const replica = serve(deps, port);
    replicas.push(replica);
    return replica;
  };
  const first = await startOn(http, {});
  const { db, peppers } = first.deps;
  const seed = await seedInstallation({ db, peppers, announce: () => undefined });
  if (!seed.seeded) throw new Error('the test database was seeded before');
  return {
    ...first,
    seed,
    database,
    queue,
    billing,
    config: first.deps.config,
    startReplica: async (extra = {}) => {
      const port = await openPort();
      return startOn(port, { INTERNAL_ORIGINS: port.url, ...extra });
    },
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await billing.stop();
      await Promise.all([database.drop(), queue.stop()]);
    },
  };
}

/** Gives a new secret to the installation's administrator. */
export async function newAdminSecret(auth: TestAuth) {
  const { db } = auth.deps;
  const admin = await bootstrapAdmin({ db, announce: () => undefined }, { rotate: true });
  if (!admin.ok) throw new Error(admin.code);
  return admin.value;
}

/** The queue keys of the signer's side. */
export function signerQueueKeys() {
  return {
    'signer-to-auth': parseQueueKeys(TEST_QUEUE_KEYS['signer-to-auth']),
    'auth-to-signer': parseQueueKeys(TEST_QUEUE_KEYS['auth-to-signer']),
  };
}

type OpenPort = { readonly url: string; readonly server: Server };

/** Listens before there is an app: the issuer's name needs the port. */
async function openPort(host = '127.0.0.1'): Promise<OpenPort> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, server };
}

function serve(deps: Deps, { url, server }: OpenPort): TestReplica {
  const app = createApp({ ...deps, readyChecks: { database: () => deps.db`select 1` } });
  server.on('request', app);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    for (const step of deps.stopSteps) await step.stop();
  };
  return {
    url,
    deps,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
