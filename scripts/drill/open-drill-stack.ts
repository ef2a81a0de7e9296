import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { StartedProcess } from '@clearinghouse/embedded';
import { connectSuperuser, findFreePort, stopInOrder } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import {
  adminToken,
  environmentOf,
  giveCredit,
  keepSeed,
  type ServiceKind,
  type ServicesOptions,
  startReplica,
} from '@clearinghouse/stack';
import type { PayingApp } from './open-payers.ts';
import { type Servers, startServers } from './start-servers.ts';

/** A stack of two signers and two billing processes, and two apps: one rich, one poor. */
export type DrillStack = {
  readonly servers: Servers;
  readonly authOrigin: string;
  readonly signerUrls: readonly [string, ...string[]];
  readonly rich: PayingApp;
  readonly poor: PayingApp;
  /** The database, as its superuser. */
  readonly sql: Sql;
  /** Service processes by name. */
  readonly processes: ReadonlyMap<string, StartedProcess>;
  /** Starts one more process, or the same one again on its old port. */
  readonly start: (kind: ServiceKind, name: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

const ROOT = join(import.meta.dirname, '../..');
const RICH_CREDIT_MICROS = '1000000000000';
/** Enough for some hundred payments of 0.3 cents; then the poor app is refused. */
const POOR_CREDIT_MICROS = '900000';
/** Session credit is bought all day long here, and is not what is tried. */
const WITHOUT_BOUND_WEI = (10n ** 24n).toString();

/**
 * Intervals short enough to see a whole life of a hold in a drill. A hold still lives longer than
 * the 10 s after which a signer signs no more.
 */
const INTERVALS = {
  billing: {
    HOLD_TTL_MS: '12000',
    SWEEP_INTERVAL_MS: '500',
    REPLICA_SILENT_AFTER_MS: '5000',
    SESSION_CREDIT_APP_WEI: WITHOUT_BOUND_WEI,
    SESSION_CREDIT_USER_WEI: WITHOUT_BOUND_WEI,
    SESSION_CREDIT_KEY_WEI: WITHOUT_BOUND_WEI,
  },
  signer: { JOURNAL_ADOPT_AFTER_MS: '3000', CHAIN_POLL_MS: '2000' },
} as const;

/** Starts everything, with Postgres, Redis and a chain of the drill's own. */
export async function openDrillStack(): Promise<DrillStack> {
  const servers = await startServers();
  const processes = new Map<string, StartedProcess>();
  const { postgres, redis, chain } = servers;
  const sql = connectSuperuser(postgres.url('postgres', 'clearinghouse'));
  const stop = async () => {
    await sql.end({ timeout: 5 });
    const all = [...processes.values(), redis.process(), chain.process, postgres.process];
    await stopInOrder(all);
  };
  try {
    const ports = await choosePorts();
    const services = servicesOptions(servers, ports);
    const start = async (kind: ServiceKind, name: string) => {
      const port = ports.get(name) ?? 0;
      processes.set(name, await startReplica(kind, services, { name, port }));
      return `http://127.0.0.1:${port}`;
    };
    const authOrigin = await start('auth', 'auth');
    for (const name of ['billing', 'billing-2']) await start('billing', name);
    const first = await start('signer', 'signer');
    const second = await start('signer', 'signer-2');
    const apps = await openApps(services, ports.get('auth') ?? 0);
    const signerUrls = [first, second] as const;
    return { servers, authOrigin, signerUrls, ...apps, sql, processes, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function choosePorts(): Promise<Map<string, number>> {
  const names = ['auth', 'billing', 'billing-2', 'signer', 'signer-2'];
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await findFreePort());
  return ports;
}

function servicesOptions(servers: Servers, ports: ReadonlyMap<string, number>): ServicesOptions {
  const { dataDir, secrets, keystore, postgres, redis, chain } = servers;
  const url = (name: string) => `http://127.0.0.1:${ports.get(name)}`;
  return {
    root: ROOT,
    dataDir,
    secrets,
    keystoreFile: keystore.file,
    extra: INTERVALS,
    urls: {
      authOrigin: url('auth'),
      billingUrl: url('billing'),
      signerUrl: url('signer'),
      database: postgres.url,
      redisUrl: redis.url,
      rpcUrl: chain.rpcUrl,
      controllerAddress: chain.deployment.controller,
      chainId: String(chain.deployment.chainId),
    },
  };
}

async function openApps(
  services: ServicesOptions,
  port: number,
): Promise<{ rich: PayingApp; poor: PayingApp }> {
  const { authOrigin } = services.urls;
  const env = environmentOf('auth', services, { name: 'auth', port });
  const seeded = await keepSeed({ root: ROOT, dataDir: services.dataDir, env });
  const { id, m2mClientId, m2mClientSecret } = seeded.app;
  const rich = { appId: id, clientId: m2mClientId, clientSecret: m2mClientSecret };
  const token = await adminToken(authOrigin, seeded);
  const poor = await createApp(authOrigin, token);
  const credits: [PayingApp, string][] = [
    [rich, RICH_CREDIT_MICROS],
    [poor, POOR_CREDIT_MICROS],
  ];
  for (const [{ appId }, amountMicros] of credits) {
    await giveCredit(authOrigin, token, { appId, amountMicros, idempotencyKey: randomUUID() });
  }
  return { rich, poor };
}

async function createApp(authOrigin: string, token: string): Promise<PayingApp> {
  const response = await fetch(`${authOrigin}/api/v1/admin/apps`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify({ name: 'poor' }),
  });
  if (!response.ok) throw new Error(`no app was made: HTTP ${response.status}`);
  const { app, machine } = (await response.json()) as CreatedApp;
  return { appId: app.id, ...machine };
}

type CreatedApp = {
  readonly app: { readonly id: string };
  readonly machine: { readonly clientId: string; readonly clientSecret: string };
};
