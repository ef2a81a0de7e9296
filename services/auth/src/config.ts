import { isIP } from 'node:net';
import {
  ConfigError,
  flagEnv,
  metricsShape,
  parseQueueKeys,
  portEnv,
  type QueueKeys,
  readEnv,
  type TracingConfig,
  tracingOf,
  tracingShape,
} from '@clearinghouse/shared';
import { z } from 'zod';
import { type ApiTarget, readApiTarget } from './config/api-client.ts';
import {
  type IssuerConfig,
  issuerConfigOf,
  issuerShape,
  keyEncryptionKeysOf,
  keyEncryptionShape,
} from './config/issuer.ts';
import { type PeopleConfig, peopleConfigOf, peopleShape } from './config/people.ts';
import { API_PATH, ISSUER_PATH } from './paths.ts';
import { type Peppers, parsePeppers } from './secrets/pepper.ts';

const COOKIE_KEYS_MIN = 2;
const COOKIE_KEY_CHARS_MIN = 32;

const origin = z
  .url({ protocol: /^https?$/ })
  .transform((text) => new URL(text))
  .refine((url) => url.pathname === '/' && !url.search && !url.username, 'an origin, no path')
  .transform((url) => url.origin);
const queueKeys = z.string().transform((text, ctx) => parseWith(parseQueueKeys, text, ctx));

/** Variables that every command of the service reads. */
const baseShape = {
  ORIGIN: origin.optional(),
  ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  DANGEROUSLY_ALLOW_HTTP_ISSUER: flagEnv.default(false),
  DATABASE_URL: z.string().min(1),
  AUTH_OWNER_URL: z.string().optional(),
  ...keyEncryptionShape,
  API_KEY_PEPPER: z.string().transform((text, ctx) => parseWith(parsePeppers, text, ctx)),
  SIGNER_PUBLIC_URL: origin.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
};

const serviceShape = {
  ...baseShape,
  ...issuerShape,
  ...peopleShape,
  ...metricsShape,
  ...tracingShape,
  /** Proves a go-livepeer signer that asks who its caller is; without it there is no such route. */
  IDENTITY_WEBHOOK_SECRET: z.string().min(32).optional(),
  AUTH_HOST: z.string().default('127.0.0.1'),
  AUTH_PORT: portEnv.default(4000),
  REDIS_URL: z.string().optional(),
  QUEUE_DATABASE_URL: z.string().optional(),
  QUEUE_KEY_SIGNER_TO_AUTH: queueKeys,
  QUEUE_KEY_AUTH_TO_SIGNER: queueKeys,
  QUEUE_KEY_AUTH_TO_BILLING: queueKeys,
  COOKIE_KEYS: z
    .string()
    .transform((text) => text.split(',').map((key) => key.trim()))
    .refine((keys) => keys.length >= COOKIE_KEYS_MIN, 'at least two, separated by commas')
    .refine((keys) => keys.every((key) => key.length >= COOKIE_KEY_CHARS_MIN), 'each 32 or longer'),
  BILLING_INTERNAL_URL: origin,
  SIGNER_PUBLIC_URL: origin,
  INTERNAL_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((part) => part.trim() !== ''))
    .pipe(z.array(origin)),
  TRUST_PROXY: z.coerce.number().int().min(0).max(8).default(0),
  WATCH_PARENT: flagEnv.default(false),
};

/** What the commands need: the database, the secrets at rest, the issuer's name. */
export type BaseConfig = {
  readonly origin: string;
  readonly issuer: string;
  readonly managementAudience: string;
  readonly databaseUrl: string;
  readonly ownerUrl: string | undefined;
  /** The first seals, all open. */
  readonly keyEncryptionKeys: readonly [Buffer, ...Buffer[]];
  readonly peppers: Peppers;
  /** What clients and gateways are told the signer's address is. */
  readonly signerUrl: string | undefined;
  readonly logLevel: string;
};

/** What the service needs besides. */
export type Config = BaseConfig &
  IssuerConfig &
  PeopleConfig & {
    readonly webhookSecret: string | undefined;
    /** Where metrics are told; nowhere without a port. */
    readonly metrics: { readonly host: string; readonly port: number | undefined };
    readonly tracing: TracingConfig | undefined;
    readonly host: string;
    readonly port: number;
    readonly redisUrl: string | undefined;
    readonly queueDatabaseUrl: string | undefined;
    readonly queueKeys: QueueKeys;
    readonly cookieKeys: readonly string[];
    readonly billingUrl: string;
    readonly signerUrl: string;
    readonly internalOrigins: readonly string[];
    readonly trustedHops: number;
    readonly watchParent: boolean;
  };

/**
 * Reads the configuration of the service.
 *
 * @throws ConfigError with every fault and its variable.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const raw = readEnv(z.object(serviceShape), env);
  if (!raw.REDIS_URL && !raw.QUEUE_DATABASE_URL) {
    throw new ConfigError(['REDIS_URL: set it, or QUEUE_DATABASE_URL']);
  }
  const base = toBase(raw);
  if (!raw.REDIS_URL && !isLoopback(new URL(base.origin).hostname)) {
    throw new ConfigError(['REDIS_URL: needed, the Postgres queue is for development only']);
  }
  return {
    ...base,
    ...issuerConfigOf(raw, base.keyEncryptionKeys[0]),
    ...peopleConfigOf(raw),
    webhookSecret: raw.IDENTITY_WEBHOOK_SECRET,
    metrics: { host: raw.METRICS_HOST, port: raw.METRICS_PORT },
    tracing: tracingOf(raw),
    host: raw.AUTH_HOST,
    port: raw.AUTH_PORT,
    redisUrl: raw.REDIS_URL,
    queueDatabaseUrl: raw.QUEUE_DATABASE_URL,
    queueKeys: {
      'signer-to-auth': raw.QUEUE_KEY_SIGNER_TO_AUTH,
      'auth-to-signer': raw.QUEUE_KEY_AUTH_TO_SIGNER,
      'auth-to-billing': raw.QUEUE_KEY_AUTH_TO_BILLING,
    },
    cookieKeys: raw.COOKIE_KEYS,
    billingUrl: raw.BILLING_INTERNAL_URL,
    signerUrl: raw.SIGNER_PUBLIC_URL,
    internalOrigins: raw.INTERNAL_ORIGINS,
    trustedHops: raw.TRUST_PROXY,
    watchParent: raw.WATCH_PARENT,
  };
}

/** Reads which installation a command asks, and as whom. */
export function readTarget(env: NodeJS.ProcessEnv = process.env): ApiTarget {
  return readApiTarget(process.cwd(), env);
}

/** Reads what the one-shot commands need. */
export function readBaseConfig(env: NodeJS.ProcessEnv = process.env): BaseConfig {
  return toBase(readEnv(z.object(baseShape), env));
}

/** Drops the owner's secret: from here on nothing in this process may run DDL. */
export function forgetOwnerSecret(): void {
  delete process.env.AUTH_OWNER_URL;
}

/** Is a host name one that only this machine reaches? */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

function toBase(raw: z.infer<z.ZodObject<typeof baseShape>>): BaseConfig {
  const own = ownOrigin(raw);
  const { hostname, protocol } = new URL(own);
  const isSafe = protocol === 'https:' || isLoopback(hostname);
  if (!isSafe && !raw.DANGEROUSLY_ALLOW_HTTP_ISSUER) {
    throw new ConfigError([
      'ORIGIN: https is needed for a host that is not this machine (or DANGEROUSLY_ALLOW_HTTP_ISSUER=1)',
    ]);
  }
  return {
    origin: own,
    issuer: `${own}${ISSUER_PATH}`,
    managementAudience: `${own}${API_PATH}`,
    databaseUrl: raw.DATABASE_URL,
    ownerUrl: raw.AUTH_OWNER_URL,
    keyEncryptionKeys: sealingKeys(raw),
    peppers: raw.API_KEY_PEPPER,
    signerUrl: raw.SIGNER_PUBLIC_URL,
    logLevel: raw.LOG_LEVEL,
  };
}

function sealingKeys(raw: z.infer<z.ZodObject<typeof keyEncryptionShape>>) {
  const [first, ...rest] = keyEncryptionKeysOf(raw) ?? [];
  if (!first) throw new ConfigError(['KEY_ENCRYPTION_KEY: required (or KEY_ENCRYPTION_KEYS)']);
  return [first, ...rest] as const;
}

function ownOrigin(raw: { ORIGIN?: string | undefined; ISSUER?: string | undefined }): string {
  const { ORIGIN, ISSUER } = raw;
  if (ISSUER === undefined) {
    if (ORIGIN === undefined) throw new ConfigError(['ORIGIN: required']);
    return ORIGIN;
  }
  const issuerOrigin = new URL(ISSUER).origin;
  if (ISSUER !== `${issuerOrigin}${ISSUER_PATH}`) {
    throw new ConfigError([`ISSUER: must be the origin and ${ISSUER_PATH}`]);
  }
  if (ORIGIN !== undefined && ORIGIN !== issuerOrigin) {
    throw new ConfigError(['ISSUER: not under ORIGIN']);
  }
  return issuerOrigin;
}

function parseWith<T>(parse: (text: string) => T, text: string, ctx: z.RefinementCtx): T {
  try {
    return parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'not valid';
    ctx.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
}
