import { dirname, join } from 'node:path';
import type { DevSecrets } from './keep-secrets.ts';

/** Where the parts of one stack are reached. */
export type StackUrls = {
  readonly authOrigin: string;
  readonly billingUrl: string;
  readonly signerUrl: string;
  /** Connection URL of a role in one of the two databases. */
  readonly database: (role: string, database: 'clearinghouse' | 'clearinghouse_queue') => string;
  readonly redisUrl: string | undefined;
  readonly rpcUrl: string;
  readonly controllerAddress: string;
  /** Of a development chain; absent: the chain is the operator's own. */
  readonly chainId: string | undefined;
};

/** What one service process needs besides. */
export type ServiceEnvOptions = {
  readonly urls: StackUrls;
  readonly secrets: DevSecrets;
  readonly journalDir: string;
  readonly keystoreFile: string;
  readonly port: number;
  readonly replica: string;
  readonly extra?: Readonly<Record<string, string>>;
};

type Env = Record<string, string>;

/** The price of one ETH in USD x 10^8 that development charges at. */
export const DEVELOPMENT_PRICE_E8 = '300000000000';

/** The environment of an auth process. */
export function authEnv(options: ServiceEnvOptions): Env {
  const { urls, secrets, port } = options;
  return {
    ...common(),
    AUTH_PORT: String(port),
    AUTH_HOST: '127.0.0.1',
    ORIGIN: urls.authOrigin,
    DATABASE_URL: urls.database('auth_app', 'clearinghouse'),
    AUTH_OWNER_URL: urls.database('auth_owner', 'clearinghouse'),
    ...queueEnv(options, 'queue_auth', ['SIGNER_TO_AUTH', 'AUTH_TO_SIGNER', 'AUTH_TO_BILLING']),
    KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
    API_KEY_PEPPER: secrets.apiKeyPepper,
    COOKIE_KEYS: secrets.cookieKeys,
    DPOP_NONCE_SECRET: secrets.dpopNonceSecret,
    // Development: anybody may make an account, and mails are files beside the journal.
    SIGN_UP: 'open',
    MAIL_DIR: join(dirname(options.journalDir), 'mail'),
    BILLING_INTERNAL_URL: urls.billingUrl,
    SIGNER_PUBLIC_URL: urls.signerUrl,
    ...(port === Number(new URL(urls.authOrigin).port)
      ? {}
      : { INTERNAL_ORIGINS: `http://127.0.0.1:${port}` }),
    ...options.extra,
  };
}

/** The environment of a billing process. */
export function billingEnv(options: ServiceEnvOptions): Env {
  const { urls, port } = options;
  return {
    ...common(),
    BILLING_PORT: String(port),
    BILLING_HOST: '127.0.0.1',
    DATABASE_URL: urls.database('billing_app', 'clearinghouse'),
    BILLING_OWNER_URL: urls.database('billing_owner', 'clearinghouse'),
    ...queueEnv(options, 'queue_billing', [
      'SIGNER_TO_BILLING',
      'BILLING_TO_SIGNER',
      'AUTH_TO_BILLING',
    ]),
    ...trustEnv(urls),
    FX_FIXED_E8: DEVELOPMENT_PRICE_E8,
    ...options.extra,
  };
}

/** The environment of a signer process: no credential to money or identity data. */
export function signerEnv(options: ServiceEnvOptions): Env {
  const { urls, secrets, port } = options;
  return {
    ...common(),
    SIGNER_PORT: String(port),
    SIGNER_HOST: '127.0.0.1',
    SIGNER_REPLICA: options.replica,
    ...queueEnv(options, 'queue_signer', [
      'SIGNER_TO_BILLING',
      'BILLING_TO_SIGNER',
      'SIGNER_TO_AUTH',
      'AUTH_TO_SIGNER',
    ]),
    ...trustEnv(urls),
    SESSION_SECRET: secrets.sessionSecret,
    KEYSTORE_FILE: options.keystoreFile,
    KEYSTORE_PASSWORD: secrets.keystorePassword,
    JOURNAL_DIR: options.journalDir,
    ETH_RPC_URL: urls.rpcUrl,
    CONTROLLER_ADDRESS: urls.controllerAddress,
    ...(urls.chainId === undefined ? {} : { CHAIN_ID: urls.chainId, CHAIN_WATCH_POLL_MS: '1000' }),
    ...options.extra,
  };
}

function common(): Env {
  const path = process.env.PATH;
  const fixed = { LOG_LEVEL: 'info', WATCH_PARENT: '1', NODE_ENV: 'production' };
  return { ...fixed, ...(path === undefined ? {} : { PATH: path }), ...tracesEnv() };
}

/** Traces of a stack go where those of whoever starts it go. */
function tracesEnv(): Env {
  const names = Object.keys(process.env).filter((name) => name.startsWith('OTEL_'));
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
}

function trustEnv(urls: StackUrls): Env {
  return {
    ISSUER: `${urls.authOrigin}/api/v1/oidc`,
    AUTH_JWKS_URL: `${urls.authOrigin}/api/v1/oidc/jwks`,
  };
}

function queueEnv(options: ServiceEnvOptions, role: string, pairs: readonly string[]): Env {
  const { urls, secrets } = options;
  const env: Env = urls.redisUrl
    ? { REDIS_URL: urls.redisUrl }
    : { QUEUE_DATABASE_URL: urls.database(role, 'clearinghouse_queue') };
  for (const pair of pairs) env[`QUEUE_KEY_${pair}`] = secrets.queueKeys[pair] ?? '';
  return env;
}
