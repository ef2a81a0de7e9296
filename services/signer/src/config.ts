import { isIP } from 'node:net';
import {
  type Address,
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
import { ceilingsShape } from './config/ceilings.ts';
import { type ChainConfig, chainFaults, chainOf, chainShape } from './config/chain.ts';
import {
  CUSTODY_SECRETS,
  type CustodyConfig,
  custodyFaults,
  custodyOf,
  custodyShape,
} from './config/custody.ts';
import {
  type DiscoveryConfig,
  discoveryFaults,
  discoveryOf,
  discoveryShape,
} from './config/discovery.ts';
import { type EgressConfig, egressOf, egressShape } from './config/egress.ts';
import { aboveZero, durationMs, fraction } from './config/fields.ts';
import { type PolicyConfig, policyFaults, policyRulesOf, policyShape } from './config/policy.ts';
import { type WebhookConfig, webhookFaults, webhookOf, webhookShape } from './config/webhook.ts';
import type { PaymentPolicy } from './payments/plan.ts';
import type { CeilingRules } from './prices/ceiling.ts';
import type { WeiCeilings } from './prices/convert-ceilings.ts';

const SECRET_CHARS_MIN = 32;

const queueKeys = z.string().transform((text, ctx) => parseWith(parseQueueKeys, text, ctx));

const shape = {
  ...webhookShape,
  ...ceilingsShape,
  ...custodyShape,
  ...policyShape,
  ...egressShape,
  ...chainShape,
  ...discoveryShape,
  SIGNER_PORT: portEnv.default(4002),
  SIGNER_HOST: z.string().default('127.0.0.1'),
  ...metricsShape,
  ...tracingShape,
  ISSUER: z.url({ protocol: /^https?$/ }),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/ }),
  REDIS_URL: z.string().optional(),
  QUEUE_DATABASE_URL: z.string().optional(),
  QUEUE_KEY_SIGNER_TO_BILLING: queueKeys,
  QUEUE_KEY_BILLING_TO_SIGNER: queueKeys,
  QUEUE_KEY_SIGNER_TO_AUTH: queueKeys,
  QUEUE_KEY_AUTH_TO_SIGNER: queueKeys,
  SESSION_SECRET: z.string().min(SECRET_CHARS_MIN),
  JOURNAL_DIR: z.string().min(1),
  JOURNAL_ADOPT_AFTER_MS: durationMs(3_000).default(15_000),
  SIGNER_REPLICA: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, '1-40 of A-Z a-z 0-9 _ -')
    .default('signer'),
  MAX_TICKET_EV_WEI: fraction.default({ num: 3_000_000_000_000n, den: 1n }),
  MAX_TOTAL_EV_WEI: fraction.default({ num: 20_000_000_000_000n, den: 1n }),
  DEPOSIT_MULTIPLIER: aboveZero.default(1n),
  PIXELS_PER_UNIT: fraction.default({ num: 1n, den: 1n }),
  SESSION_IDLE_MAX_S: z.coerce.number().int().min(1).max(86_400).default(600),
  SESSION_RESERVE_S: z.coerce.number().int().min(0).max(300).default(15),
  ACCEPT_UNBOUND_STATE: flagEnv.default(false),
  DANGEROUSLY_OPEN_ORCHESTRATOR_INFO: flagEnv.default(false),
  DANGEROUSLY_ALLOW_JS_CURVE: flagEnv.default(false),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  WATCH_PARENT: flagEnv.default(false),
};

type Raw = z.infer<z.ZodObject<typeof shape>>;

/** All that the signer is told. */
export type Config = {
  readonly host: string;
  readonly port: number;
  readonly metricsHost: string;
  readonly metricsPort: number | undefined;
  readonly tracing: TracingConfig | undefined;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly redisUrl: string | undefined;
  readonly queueDatabaseUrl: string | undefined;
  readonly queueKeys: QueueKeys;
  readonly custody: CustodyConfig;
  /** Accounts that callers may choose by a header, beside the active one. */
  readonly selectableAddresses: readonly string[];
  readonly sessionSecret: Uint8Array;
  readonly chain: ChainConfig | undefined;
  readonly chainMaxAgeMs: number;
  readonly journalDir: string;
  readonly adoptAfterMs: number;
  readonly replica: string;
  readonly policy: Omit<PaymentPolicy, keyof WeiCeilings>;
  /** The highest prices that are paid. */
  readonly ceilings: CeilingRules;
  /** What the operator lets be signed, beside that. */
  readonly signing: PolicyConfig;
  /** Set: this webhook says who may pay, instead of tokens and API keys. */
  readonly webhook: WebhookConfig | undefined;
  readonly isOrchestratorInfoOpen: boolean;
  /** Who offers what is found out and told; absent: it is not. */
  readonly discovery: DiscoveryConfig | undefined;
  /** Where the process may connect to. */
  readonly egress: EgressConfig;
  readonly allowsCoreDumps: boolean;
  readonly allowsJsCurve: boolean;
  readonly logLevel: string;
  readonly watchParent: boolean;
};

/** All of it but what opens keys. */
export type SigningConfig = Omit<Config, 'custody'>;

export type { ChainConfig, CustodyConfig };

/**
 * Reads the signer's configuration.
 *
 * @throws ConfigError with every fault and its variable.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const raw = readEnv(z.object(shape), env);
  const faults = faultsOf(raw);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    host: raw.SIGNER_HOST,
    port: raw.SIGNER_PORT,
    metricsHost: raw.METRICS_HOST,
    metricsPort: raw.METRICS_PORT,
    tracing: tracingOf(raw),
    issuer: raw.ISSUER,
    jwksUrl: raw.AUTH_JWKS_URL,
    redisUrl: raw.REDIS_URL,
    queueDatabaseUrl: raw.QUEUE_DATABASE_URL,
    queueKeys: {
      'signer-to-billing': raw.QUEUE_KEY_SIGNER_TO_BILLING,
      'billing-to-signer': raw.QUEUE_KEY_BILLING_TO_SIGNER,
      'signer-to-auth': raw.QUEUE_KEY_SIGNER_TO_AUTH,
      'auth-to-signer': raw.QUEUE_KEY_AUTH_TO_SIGNER,
    },
    custody: custodyOf(raw),
    selectableAddresses: raw.SIGNER_SELECTABLE_ADDRESSES ?? [],
    sessionSecret: Buffer.from(raw.SESSION_SECRET, 'utf8'),
    chain: chainOf(raw),
    chainMaxAgeMs: raw.CHAIN_MAX_AGE_MS,
    journalDir: raw.JOURNAL_DIR,
    adoptAfterMs: raw.JOURNAL_ADOPT_AFTER_MS,
    replica: raw.SIGNER_REPLICA,
    policy: policyOf(raw),
    ceilings: ceilingsOf(raw),
    signing: policyRulesOf(raw, chainOf(raw)?.chainId),
    webhook: webhookOf(raw),
    isOrchestratorInfoOpen: raw.DANGEROUSLY_OPEN_ORCHESTRATOR_INFO,
    discovery: discoveryOf(raw),
    egress: egressOf(raw, placesOf(raw)),
    allowsCoreDumps: raw.DANGEROUSLY_ALLOW_CORE_DUMPS,
    allowsJsCurve: raw.DANGEROUSLY_ALLOW_JS_CURVE,
    logLevel: raw.LOG_LEVEL,
    watchParent: raw.WATCH_PARENT,
  };
}

/** Only where the journal is: what the commands on its volume need. */
export function readJournalDir(env: NodeJS.ProcessEnv = process.env): string {
  return readEnv(z.object({ JOURNAL_DIR: shape.JOURNAL_DIR }), env).JOURNAL_DIR;
}

/** What the commands on deposit and reserve need. */
export type FundsConfig = {
  readonly chain: ChainConfig;
  /** Read when a key is needed: showing needs none. */
  readonly custody: () => CustodyConfig;
  readonly activeAddress: Address | undefined;
  readonly journalDir: string;
  readonly depositMultiplier: bigint;
  readonly faceValueMaxWei: bigint | undefined;
  readonly egress: EgressConfig;
  readonly allowsCoreDumps: boolean;
};

const fundsShape = z.object({
  ...custodyShape,
  ...egressShape,
  ...chainShape,
  JOURNAL_DIR: shape.JOURNAL_DIR,
  DEPOSIT_MULTIPLIER: shape.DEPOSIT_MULTIPLIER,
  POLICY_FACE_VALUE_MAX_WEI: shape.POLICY_FACE_VALUE_MAX_WEI,
});

/**
 * Reads it, of the same variables as the service's.
 *
 * @throws ConfigError with every fault and its variable.
 */
export function readFundsConfig(env: NodeJS.ProcessEnv = process.env): FundsConfig {
  const raw = readEnv(fundsShape, env);
  const chain = chainOf(raw);
  const faults = [...chainFaults(raw), ...(chain ? [] : ['ETH_RPC_URL: set it'])];
  if (faults.length > 0 || chain === undefined) throw new ConfigError(faults);
  const { ETH_RPC_URL, ETH_RPC_URL_2, WEB3SIGNER_URL } = raw;
  return {
    chain,
    custody: () => {
      const missing = custodyFaults(raw);
      if (missing.length > 0) throw new ConfigError(missing);
      return custodyOf(raw);
    },
    activeAddress: raw.SIGNER_ADDRESS,
    journalDir: raw.JOURNAL_DIR,
    depositMultiplier: raw.DEPOSIT_MULTIPLIER,
    faceValueMaxWei: raw.POLICY_FACE_VALUE_MAX_WEI,
    egress: egressOf(raw, { ETH_RPC_URL, ETH_RPC_URL_2, WEB3SIGNER_URL }),
    allowsCoreDumps: raw.DANGEROUSLY_ALLOW_CORE_DUMPS,
  };
}

/** After this nothing in the environment of this process opens a key. */
export function dropPassword(): void {
  for (const name of CUSTODY_SECRETS) delete process.env[name];
}

function faultsOf(raw: Raw): string[] {
  const faults: string[] = [];
  if (!raw.REDIS_URL && !raw.QUEUE_DATABASE_URL) {
    faults.push('REDIS_URL: set it, or QUEUE_DATABASE_URL');
  } else if (!raw.REDIS_URL && !isLoopback(new URL(raw.ISSUER).hostname)) {
    faults.push('REDIS_URL: needed, the Postgres queue is for development only');
  }
  faults.push(...webhookFaults(raw), ...custodyFaults(raw));
  faults.push(...chainFaults(raw), ...discoveryFaults(raw));
  faults.push(...policyFaults(raw, raw.ETH_RPC_URL !== undefined));
  if (raw.PIXELS_PER_UNIT.num === 0n) faults.push('PIXELS_PER_UNIT: must be above 0');
  return faults;
}

/** Every variable that names another machine. */
function placesOf(raw: Raw): Readonly<Record<string, string | undefined>> {
  const { AUTH_JWKS_URL, ETH_RPC_URL, ETH_RPC_URL_2, REDIS_URL, QUEUE_DATABASE_URL } = raw;
  const { REMOTE_SIGNER_WEBHOOK_URL, WEB3SIGNER_URL, DISCOVERY_WEBHOOK_URL } = raw;
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = raw;
  return {
    AUTH_JWKS_URL,
    ETH_RPC_URL,
    ETH_RPC_URL_2,
    REDIS_URL,
    QUEUE_DATABASE_URL,
    REMOTE_SIGNER_WEBHOOK_URL,
    WEB3SIGNER_URL,
    DISCOVERY_WEBHOOK_URL,
    OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
  };
}

function ceilingsOf(raw: Raw): CeilingRules {
  const { MAX_PRICE_PER_UNIT: price, PIXELS_PER_UNIT: pixels } = raw;
  const perPixel = { ...price, num: price.num * pixels.den, den: price.den * pixels.num };
  return {
    maxPrice: price.num > 0n ? perPixel : undefined,
    capabilityPrices: raw.MAX_PRICE_PER_CAPABILITY ?? new Map(),
  };
}

function policyOf(raw: Raw): Config['policy'] {
  return {
    maxTicketEvWei: raw.MAX_TICKET_EV_WEI,
    maxTotalEvWei: raw.MAX_TOTAL_EV_WEI,
    depositMultiplier: raw.DEPOSIT_MULTIPLIER,
    sessionIdleMaxSec: raw.SESSION_IDLE_MAX_S,
    sessionReserveSec: raw.SESSION_RESERVE_S,
    acceptUnboundState: raw.ACCEPT_UNBOUND_STATE,
  };
}

function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

function parseWith<T>(parse: (text: string) => T, text: string, ctx: z.RefinementCtx): T {
  try {
    return parse(text);
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not valid' });
    return z.NEVER;
  }
}
