import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findFreePort,
  type StartedProcess,
  startProcess,
  stopInOrder,
} from '@clearinghouse/embedded';
import {
  creditFirstApp,
  DEVELOPMENT_FUNDS,
  keepSeed,
  type Seeded,
  waitReady,
} from '@clearinghouse/stack';
import { createTestEvm, type TestEvm } from '@clearinghouse/testing';
import { writeInstallation } from '../../scripts/secrets/write-installation.ts';
import { interpolate, ROOT, readCompose, readEnvFile } from './fixture-compose.ts';
import {
  type ComposeHosts,
  type ComposeServers,
  onThisMachine,
  startComposeServers,
} from './fixture-servers.ts';

const NAMES = ['auth', 'billing', 'signer'] as const;
const HEALTHY_WITHIN_MS = 60_000;
type Name = (typeof NAMES)[number];

/** The three services as compose runs them, on this machine. */
export type ComposeStack = {
  readonly evm: TestEvm;
  readonly hosts: ComposeHosts;
  readonly installation: string;
  /** Where a service listens, without any proxy. */
  readonly url: (name: Name) => string;
  readonly env: (name: Name) => Record<string, string>;
  /** What a service tells Prometheus. */
  readonly metrics: (name: Name) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** What an operator writes into `.env` besides what init wrote. */
export type OperatorSettings = (hosts: ComposeHosts) => Readonly<Record<string, string>>;

/** The settings of an installation without a proxy. */
export const DIRECT: OperatorSettings = (hosts) => ({
  PUBLIC_ORIGIN: `http://127.0.0.1:${hosts.auth}`,
  SIGNER_ORIGIN: `http://127.0.0.1:${hosts.signer}`,
});

/**
 * Writes an installation, starts Postgres and Redis with its roles and ACL, and then each service
 * with the command and the environment of the compose file.
 */
export async function startComposeStack(settings: OperatorSettings): Promise<ComposeStack> {
  const installation = mkdtempSync(join(tmpdir(), 'clearinghouse-compose-'));
  const processes: StartedProcess[] = [];
  const none = { rpcUrl: undefined, controllerAddress: undefined, chainId: undefined };
  await writeInstallation({ dir: installation, ...none });
  const servers = await startComposeServers(readCompose(), installation);
  const { SIGNER_ADDRESS: senderAddress = '' } = readEnvFile(join(installation, '.env'));
  const evm = await createTestEvm({ senderAddress, ...DEVELOPMENT_FUNDS });
  const metricsPorts: Record<Name, number> = {
    auth: await findFreePort(),
    billing: await findFreePort(),
    signer: await findFreePort(),
  };
  const place = { installation, servers, evm, settings, metricsPorts };
  const url = (name: Name) => `http://127.0.0.1:${servers.hosts[name]}`;
  const env = (name: Name) => ({ ...environmentOf(place, name), PATH: process.env.PATH ?? '' });
  const stop = async () => {
    await stopInOrder(processes);
    await evm.stop();
    await servers.stop();
  };
  try {
    mkdirSync(join(installation, 'journal'));
    for (const name of NAMES) processes.unshift(await startOne(place, name));
    const metrics = async (name: Name) =>
      (await fetch(`http://127.0.0.1:${metricsPorts[name]}/metrics`)).text();
    return { evm, hosts: servers.hosts, installation, url, env, metrics, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes the first app of a development installation and gives it its credit. */
export async function seedStack(stack: ComposeStack): Promise<Seeded> {
  const { installation, env, url } = stack;
  const seeded = await keepSeed({ root: ROOT, dataDir: installation, env: env('auth') });
  await creditFirstApp(url('auth'), seeded);
  return seeded;
}

type Place = {
  readonly installation: string;
  readonly servers: ComposeServers;
  readonly evm: TestEvm;
  readonly settings: OperatorSettings;
  readonly metricsPorts: Readonly<Record<Name, number>>;
};

function environmentOf(place: Place, name: Name): Record<string, string> {
  const { installation, servers, evm, settings } = place;
  const variables = {
    ...readEnvFile(join(installation, '.env')),
    ...settings(servers.hosts),
    ETH_RPC_URL: evm.rpcUrl,
    CONTROLLER_ADDRESS: evm.contracts.controller,
  };
  const given = Object.entries(readCompose().services[name]?.environment ?? {});
  const local = given.map(([key, value]) => [
    key,
    onThisMachine(interpolate(String(value), variables), servers.hosts)
      .replace('/run/secrets', servers.secretsDir)
      .replace('/var/lib/clearinghouse', installation)
      .replace('0.0.0.0', '127.0.0.1'),
  ]);
  const port = {
    [`${name.toUpperCase()}_PORT`]: String(servers.hosts[name]),
    METRICS_PORT: String(place.metricsPorts[name]),
  };
  return { ...Object.fromEntries(local), ...port, NODE_ENV: 'production' };
}

async function startOne(place: Place, name: Name): Promise<StartedProcess> {
  const [, ...args] = readCompose().services[name]?.command ?? [];
  const logFile = join(place.installation, `${name}.log`);
  const child = await startProcess({
    name,
    command: process.execPath,
    args,
    cwd: ROOT,
    env: environmentOf(place, name),
    pidFolder: join(place.installation, 'pids'),
    logFile,
  });
  await waitReady(`http://127.0.0.1:${place.servers.hosts[name]}/healthz`, {
    name,
    timeoutMs: HEALTHY_WITHIN_MS,
    exited: child.hasExited,
    logFile,
  });
  return child;
}
