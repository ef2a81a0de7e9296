import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, listen } from '@clearinghouse/shared';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { createApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { openCustody } from '../deps/open-custody.ts';
import { createDeps } from '../deps.ts';
import type { QueueAddress } from './billing-double.ts';
import { CONTROLLER } from './node-double.ts';
import { QUEUE_KEY_TEXTS } from './queue-keys.ts';

export const SIGNER_KEY = `0x${'11'.repeat(32)}`;
export const SIGNER_WALLET = new Wallet(SIGNER_KEY);
const PASSWORD = 'test password';

export type SignerPlaces = {
  readonly queue: QueueAddress;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly rpcUrl: string | undefined;
  readonly journalDir: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** A signer in this process, behind real HTTP. */
export type TestSigner = {
  readonly url: string;
  readonly replicaId: string;
  readonly lost: string[];
  readonly ready: () => Promise<Record<string, unknown>>;
  readonly stop: () => Promise<void>;
};

/** The environment of a signer, for this process or one of its own. */
export async function signerEnv(places: SignerPlaces): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'signer-keystore-'));
  const file = join(folder, 'keystore.json');
  const json = await encryptKeystoreJson(SIGNER_WALLET, PASSWORD, { scrypt: { N: 2, r: 8, p: 1 } });
  writeFileSync(file, json, { mode: 0o600 });
  const { queue } = places;
  return {
    SIGNER_PORT: '0',
    ISSUER: places.issuer,
    AUTH_JWKS_URL: places.jwksUrl,
    ...(queue.redisUrl ? { REDIS_URL: queue.redisUrl } : {}),
    ...(queue.postgresUrl ? { QUEUE_DATABASE_URL: queue.postgresUrl } : {}),
    ...Object.fromEntries(
      Object.entries(QUEUE_KEY_TEXTS).map(([direction, text]) => [
        `QUEUE_KEY_${direction.replaceAll('-', '_').toUpperCase()}`,
        text,
      ]),
    ),
    KEYSTORE_FILE: file,
    KEYSTORE_PASSWORD: PASSWORD,
    SESSION_SECRET: 's'.repeat(32),
    ...(places.rpcUrl ? { ETH_RPC_URL: places.rpcUrl, CONTROLLER_ADDRESS: CONTROLLER } : {}),
    CHAIN_POLL_MS: '200',
    // The double of a node has no events; the watcher has tests of its own.
    CHAIN_WATCH: '0',
    JOURNAL_DIR: places.journalDir,
    LOG_LEVEL: 'silent',
    ...places.env,
  };
}

/** Starts a signer and waits until it could make payments, or for 3 s. */
export async function startSigner(places: SignerPlaces): Promise<TestSigner> {
  const config = readConfig(await signerEnv(places));
  const log = createLog({ service: 'signer', level: config.logLevel });
  const lost: string[] = [];
  const custody = await openCustody(config.custody, log);
  const deps = await createDeps({
    config,
    custody,
    log,
    onLost: (reason) => void lost.push(reason),
    ...(places.queue.prefix === undefined ? {} : { queuePrefix: places.queue.prefix }),
  });
  const server = await listen(createApp(deps.app), {
    host: config.host,
    port: 0,
    portVariable: 'SIGNER_PORT',
  });
  const url = `http://127.0.0.1:${server.port}`;
  const ready = async () => {
    const response = await fetch(`${url}/readyz`);
    return (await response.json()) as Record<string, unknown>;
  };
  const until = Date.now() + 3_000;
  while ((await ready()).status !== 'ready' && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    replicaId: deps.replicaId,
    lost,
    ready,
    stop: async () => {
      await server.stop();
      for (const step of deps.stopSteps) await step.stop();
      custody.close();
    },
  };
}
