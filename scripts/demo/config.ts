import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** A running stack and what to do with it. */
export type DemoConfig = {
  readonly issuer: string;
  readonly origin: string;
  readonly signerUrl: string;
  readonly rpcUrl: string;
  readonly contracts: {
    readonly ticketBroker: string;
    readonly roundsManager: string;
    readonly bondingManager: string;
  };
  readonly app: {
    readonly id: string;
    readonly m2mClientId: string;
    readonly m2mClientSecret: string;
  };
  readonly admin: { readonly clientId: string; readonly clientSecret: string };
  /** An API key of the app: the credential of a gateway. */
  readonly apiKey: string;
  /** Private key of a registered orchestrator with some ETH for gas. */
  readonly orchestratorKey: string;
  readonly payments: number;
  /** Told what is going on, a line at a time. */
  readonly progress: (line: string) => void;
};

/** What the command line says. */
export type DemoFlags = {
  readonly payments: number;
  readonly json: boolean;
  readonly devJson: string;
};

const PAYMENTS_DEFAULT = 300;
const PAYMENTS_MIN = 40;
const PAYMENTS_MAX = 5_000;

/** @throws Error naming the flag that cannot be used. */
export function readFlags(argv: readonly string[], root: string): DemoFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      payments: { type: 'string', default: `${PAYMENTS_DEFAULT}` },
      json: { type: 'boolean', default: false },
      'dev-json': { type: 'string' },
    },
  });
  const payments = Number(values.payments);
  if (!Number.isInteger(payments) || payments < PAYMENTS_MIN || payments > PAYMENTS_MAX) {
    throw new Error(`--payments: a whole number from ${PAYMENTS_MIN} to ${PAYMENTS_MAX}`);
  }
  const dataDir = process.env.DATA_DIR || join(root, '.data');
  return { payments, json: values.json, devJson: values['dev-json'] ?? join(dataDir, 'dev.json') };
}

/**
 * Reads `.data/dev.json`, which a start writes.
 *
 * @throws Error saying what to do when it is not there, or which field it lacks.
 */
export function readDevJson(path: string): Omit<DemoConfig, 'payments' | 'progress'> {
  if (!existsSync(path)) {
    throw new Error(`the stack is not running: no ${path}. Start it with: npm start`);
  }
  const dev = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  if (dev.orchestratorKey === undefined) {
    throw new Error('the demo redeems on the local chain: start the stack without ETH_RPC_URL');
  }
  const text = (...names: string[]): string => {
    const value = names.reduce<unknown>(
      (found, name) => (found as Record<string, unknown> | undefined)?.[name],
      dev,
    );
    if (typeof value === 'string' && value !== '') return value;
    throw new Error(`${path} has no ${names.join('.')}: stop the stack and start it again`);
  };
  return {
    issuer: text('issuer'),
    origin: text('origin'),
    signerUrl: text('signerUrl'),
    rpcUrl: text('rpcUrl'),
    contracts: {
      ticketBroker: text('contracts', 'ticketBroker'),
      roundsManager: text('contracts', 'roundsManager'),
      bondingManager: text('contracts', 'bondingManager'),
    },
    app: {
      id: text('app', 'id'),
      m2mClientId: text('app', 'm2mClientId'),
      m2mClientSecret: text('app', 'm2mClientSecret'),
    },
    admin: { clientId: text('admin', 'clientId'), clientSecret: text('admin', 'clientSecret') },
    apiKey: text('apiKey'),
    orchestratorKey: text('orchestratorKey'),
  };
}

/**
 * Looks whether the stack answers.
 *
 * @throws Error naming the part that does not.
 */
export async function checkRunning(urls: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, url] of Object.entries(urls)) {
    const isUp = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (!isUp)
      throw new Error(`${name} does not answer at ${url}. Start the stack with: npm start`);
  }
}
