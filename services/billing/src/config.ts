import {
  flagEnv,
  metricsShape,
  parseQueueKeys,
  portEnv,
  type QueueKeySet,
  readEnv,
  type TracingConfig,
  tracingOf,
  tracingShape,
} from '@clearinghouse/shared';
import { z } from 'zod';
import { chainShape } from './config/chain.ts';

const queueKeys = z.string().transform((text, ctx): QueueKeySet => {
  try {
    return parseQueueKeys(text);
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const INTERVAL_MAX_MS = 7 * 86_400_000;
const durationMs = (standard: number, leastMs = 1) =>
  z.coerce
    .number()
    .int()
    .min(leastMs)
    .max(INTERVAL_MAX_MS * 20)
    .default(standard);

const priceE8 = z
  .string()
  .regex(/^[1-9][0-9]{0,19}$/, 'USD x 10^8, above zero')
  .transform(BigInt);
const weiAmount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,29})$/, 'whole wei')
  .transform(BigInt);

const schema = z.object({
  ...metricsShape,
  ...tracingShape,
  ...chainShape,
  BILLING_PORT: portEnv.default(4001),
  BILLING_HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  WATCH_PARENT: flagEnv.default(false),
  /** Of the role billing_app. */
  DATABASE_URL: z.url(),
  REDIS_URL: z.url().optional(),
  /** BullMQ's Postgres backend, when there is no Redis. */
  QUEUE_DATABASE_URL: z.url().optional(),
  /** First part of every Redis key, where several installations share a Redis. */
  QUEUE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  QUEUE_KEY_SIGNER_TO_BILLING: queueKeys,
  QUEUE_KEY_BILLING_TO_SIGNER: queueKeys,
  QUEUE_KEY_AUTH_TO_BILLING: queueKeys,
  ISSUER: z.url(),
  AUTH_JWKS_URL: z.url(),
  /** USD of one ETH x 10^8. */
  FX_FIXED_E8: priceE8,
  FX_MAX_AGE_MS: durationMs(120_000),
  FX_REFRESH_INTERVAL_MS: durationMs(20_000, 10),
  /** Accepts one price ten times above or below the last; unset it again afterwards. */
  FX_ACCEPT_JUMP: flagEnv.default(false),
  MARKUP_BPS: z.coerce.number().int().min(0).max(1_000_000).default(0),
  HOLD_TTL_MS: durationMs(120_000),
  HOLD_SHARDS: z.coerce.number().int().min(1).max(64).default(4),
  SWEEP_INTERVAL_MS: durationMs(5_000, 10),
  REPLICA_SILENT_AFTER_MS: durationMs(60_000),
  /** Two rounds of the protocol and some: as long as a winning ticket may be redeemed. */
  DISPUTE_KEPT_MS: durationMs(3 * 86_400_000),
  HOLD_RETENTION_MS: durationMs(35 * 86_400_000),
  UPKEEP_INTERVAL_MS: durationMs(3_600_000, 10),
  /** Ticket value bought and not used that an app, a user, a key may have outstanding in a day. */
  SESSION_CREDIT_APP_WEI: weiAmount.default(50_000_000_000_000_000n),
  SESSION_CREDIT_USER_WEI: weiAmount.default(10_000_000_000_000_000n),
  SESSION_CREDIT_KEY_WEI: weiAmount.default(50_000_000_000_000_000n),
});

export type Config = Readonly<z.infer<typeof schema>> & {
  readonly tracing: TracingConfig | undefined;
};

/**
 * The service's configuration, read once.
 *
 * @throws ConfigError with every fault and its variable's name.
 */
export function readConfig(env = process.env): Config {
  const raw = readEnv(schema, env);
  return { ...raw, tracing: tracingOf(raw) };
}

const ownerSchema = z.object({ BILLING_OWNER_URL: z.url().optional() });

/** The owner role's connection: for migrations alone, in their own process. */
export function readOwnerUrl(env = process.env): string | undefined {
  return readEnv(ownerSchema, env).BILLING_OWNER_URL;
}

/** Takes the owner's secret out of the environment, before the service opens anything. */
export function dropOwnerUrl(env = process.env): void {
  delete env.BILLING_OWNER_URL;
  delete env.BILLING_OWNER_URL_FILE;
}

/** Only what the books' proof needs. */
export function readReconcileConfig(env = process.env): { readonly DATABASE_URL: string } {
  return readEnv(z.object({ DATABASE_URL: z.url() }), env);
}
