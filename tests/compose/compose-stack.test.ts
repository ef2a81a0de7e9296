import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StartedProcess, startProcess, stopInOrder } from '@clearinghouse/embedded';
import {
  creditFirstApp,
  DEVELOPMENT_FUNDS,
  DEVELOPMENT_ORCHESTRATOR_KEY,
  keepSeed,
  type Seeded,
  waitReady,
} from '@clearinghouse/stack';
import { createTestEvm, type TestEvm } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDemo } from '../../scripts/demo/run-demo.ts';
import { writeInstallation } from '../../scripts/secrets/write-installation.ts';
import { interpolate, ROOT, readCompose, readEnvFile } from './fixture-compose.ts';
import { type ComposeServers, onThisMachine, startComposeServers } from './fixture-servers.ts';

const compose = readCompose();
const NAMES = ['auth', 'billing', 'signer'] as const;
type Name = (typeof NAMES)[number];

describe('each service, with the command and the environment that compose gives it', () => {
  const installation = mkdtempSync(join(tmpdir(), 'clearinghouse-compose-'));
  const processes: StartedProcess[] = [];
  let servers: ComposeServers;
  let evm: TestEvm;
  let seeded: Seeded;

  const url = (name: Name) => `http://127.0.0.1:${servers.hosts[name]}`;
  const environmentOf = (name: Name): Record<string, string> => {
    const variables = {
      ...readEnvFile(join(installation, '.env')),
      PUBLIC_ORIGIN: url('auth'),
      SIGNER_ORIGIN: url('signer'),
      ETH_RPC_URL: evm.rpcUrl,
      CONTROLLER_ADDRESS: evm.contracts.controller,
    };
    const given = Object.entries(compose.services[name]?.environment ?? {}).map(([key, value]) => {
      const text = interpolate(String(value), variables);
      return [
        key,
        onThisMachine(text, servers.hosts)
          .replace('/run/secrets', servers.secretsDir)
          .replace('/var/lib/clearinghouse', installation)
          .replace('0.0.0.0', '127.0.0.1'),
      ];
    });
    const port = { [`${name.toUpperCase()}_PORT`]: String(servers.hosts[name]) };
    return { ...Object.fromEntries(given), ...port, NODE_ENV: 'production' };
  };
  const start = async (name: Name) => {
    const [, ...args] = compose.services[name]?.command ?? [];
    const logFile = join(installation, `${name}.log`);
    const child = await startProcess({
      name,
      command: process.execPath,
      args,
      cwd: ROOT,
      env: environmentOf(name),
      pidFolder: join(installation, 'pids'),
      logFile,
    });
    processes.unshift(child);
    await waitReady(`${url(name)}/healthz`, {
      name,
      timeoutMs: 60_000,
      exited: child.hasExited,
      logFile,
    });
  };

  beforeAll(async () => {
    const none = { rpcUrl: undefined, controllerAddress: undefined, chainId: undefined };
    await writeInstallation({ dir: installation, ...none });
    servers = await startComposeServers(compose, installation);
    const { SIGNER_ADDRESS: senderAddress = '' } = readEnvFile(join(installation, '.env'));
    evm = await createTestEvm({ senderAddress, ...DEVELOPMENT_FUNDS });
    mkdirSync(join(installation, 'journal'));
    for (const name of NAMES) await start(name);
    const env = { ...environmentOf('auth'), PATH: process.env.PATH ?? '' };
    seeded = await keepSeed({ root: ROOT, dataDir: installation, env });
    await creditFirstApp(url('auth'), seeded);
  }, 180_000);
  afterAll(async () => {
    await stopInOrder(processes);
    await evm?.stop();
    await servers?.stop();
  });

  it('does the main job: roles and ACLs give each service what it needs', async () => {
    const { contracts } = evm;
    const report = await runDemo({
      issuer: `${url('auth')}/api/v1/oidc`,
      origin: url('auth'),
      signerUrl: url('signer'),
      rpcUrl: evm.rpcUrl,
      contracts,
      app: seeded.app,
      admin: seeded.admin,
      apiKey: seeded.apiKey,
      orchestratorKey: DEVELOPMENT_ORCHESTRATOR_KEY,
      payments: 60,
      progress: () => undefined,
    });
    expect(report.comparisons.filter((comparison) => !comparison.agrees)).toEqual([]);
    expect(report.ok).toBe(true);
  }, 240_000);
});
