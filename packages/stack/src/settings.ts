import { join, resolve } from 'node:path';

/** Where the embedded start keeps everything that must outlive it. */
export type Settings = {
  readonly root: string;
  readonly dataDir: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly redisUrl: string | undefined;
  readonly ethRpcUrl: string | undefined;
  readonly controllerAddress: string | undefined;
};

export type PortName = 'auth' | 'billing' | 'signer' | 'postgres' | 'anvil';

/** Each port has its variable; a port that is taken is an error that names it. */
export const PORT_VARIABLES: Readonly<Record<PortName, readonly [string, number]>> = {
  auth: ['AUTH_PORT', 4000],
  billing: ['BILLING_PORT', 4001],
  signer: ['SIGNER_PORT', 4002],
  postgres: ['POSTGRES_PORT', 54329],
  anvil: ['ANVIL_PORT', 8545],
};

/**
 * Reads the settings of the embedded start from the environment.
 *
 * @throws Error naming the variable that cannot be used.
 */
export function readSettings(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const ports = Object.fromEntries(
    Object.entries(PORT_VARIABLES).map(([name, [variable, standard]]) => [
      name,
      readPort(variable, env[variable], standard),
    ]),
  ) as Record<PortName, number>;
  if (env.ETH_RPC_URL && !env.CONTROLLER_ADDRESS) {
    throw new Error('ETH_RPC_URL is set: set CONTROLLER_ADDRESS too (Livepeer Controller)');
  }
  return {
    root,
    dataDir: env.DATA_DIR ? resolve(env.DATA_DIR) : join(root, '.data'),
    ports,
    redisUrl: env.REDIS_URL || undefined,
    ethRpcUrl: env.ETH_RPC_URL || undefined,
    controllerAddress: env.CONTROLLER_ADDRESS || undefined,
  };
}

function readPort(variable: string, text: string | undefined, standard: number): number {
  if (!text) return standard;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${variable}: not a port`);
  }
  return port;
}
