import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, stopInOrder } from '@clearinghouse/embedded';
import {
  adminToken,
  type DevSecrets,
  environmentOf,
  keepSecrets,
  keepSeed,
  type ServicesOptions,
  startReplica,
} from '@clearinghouse/stack';
import { type Client, makeClientMaker } from './make-clients.ts';
import { type Person, signUp } from './sign-up.ts';

/** An issuer of its own: one process of auth, an app, and a person with a password. */
export type Issuer = {
  readonly origin: string;
  /** The issuer's name, as discovery has it. */
  readonly url: string;
  readonly person: Person;
  /** Makes a confidential client of the app. */
  readonly makeClient: (metadata: Readonly<Record<string, unknown>>) => Promise<Client>;
  /** Makes a secret API key of the app. */
  readonly makeKey: () => Promise<string>;
  /** The app's public client, with this metadata from now on. */
  readonly setPublicClient: (metadata: Readonly<Record<string, unknown>>) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Databases that are there already, or are made for this issuer. */
export type DatabaseSource = (
  folder: string,
  secrets: DevSecrets,
) => Promise<{
  readonly url: ServicesOptions['urls']['database'];
  readonly stop: () => Promise<void>;
}>;

const ROOT = join(import.meta.dirname, '../../..');
/** Nothing listens there: neither billing nor a chain is needed to sign people in. */
const NOWHERE = 'http://127.0.0.1:9';

/** Starts auth from source over a database, seeds it, and makes a person through its pages. */
export async function openIssuer(openDatabases: DatabaseSource): Promise<Issuer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clearinghouse-issuer-'));
  mkdirSync(join(dataDir, 'mail'));
  const secrets = keepSecrets(dataDir);
  const databases = await openDatabases(dataDir, secrets);
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const services: ServicesOptions = {
    root: ROOT,
    dataDir,
    secrets,
    keystoreFile: '',
    // All of a suite comes from one address.
    extra: { auth: { RATE_LIMIT_FACTOR: '10000' } },
    urls: {
      authOrigin: origin,
      billingUrl: NOWHERE,
      signerUrl: NOWHERE,
      rpcUrl: NOWHERE,
      controllerAddress: '',
      chainId: undefined,
      redisUrl: undefined,
      database: databases.url,
    },
  };
  const started = [] as Awaited<ReturnType<typeof startReplica>>[];
  const stop = async () => {
    await stopInOrder(started);
    await databases.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    started.push(await startReplica('auth', services, { name: 'auth', port }));
    const env = environmentOf('auth', services, { name: 'auth', port });
    const seeded = await keepSeed({ root: ROOT, dataDir, env });
    const token = await adminToken(origin, seeded);
    const clients = makeClientMaker(origin, { appId: seeded.app.id, token });
    const person = await signUp(origin, join(dataDir, 'mail'));
    return { origin, url: `${origin}/api/v1/oidc`, person, ...clients, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
