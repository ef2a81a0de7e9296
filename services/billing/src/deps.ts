import { randomBytes } from 'node:crypto';
import {
  connectQueue,
  createLog,
  type Logger,
  type QueueConnection,
  type Sql,
} from '@clearinghouse/shared';
import { createRemoteJWKSet } from 'jose';
import { putCaps } from './caps/put-caps.ts';
import { readCaps } from './caps/read-caps.ts';
import { clearChainAlarm } from './chain/clear-alarm.ts';
import { readChains } from './chain/read-chains.ts';
import { takeChainStep } from './chain/take-step.ts';
import { chainRulesOf } from './config/chain.ts';
import type { Config } from './config.ts';
import { postCredit } from './credits/post-credit.ts';
import { openPool } from './db/open-pool.ts';
import { coalesceHolds, type HoldCoalescer } from './holds/coalesce-holds.ts';
import { createHolds } from './holds/create-holds.ts';
import type { HoldPolicy } from './holds/hold-book.ts';
import { openHoldTerms } from './holds/hold-terms.ts';
import { purgeHolds } from './holds/purge-holds.ts';
import { recordWatermark } from './holds/record-watermark.ts';
import { releaseHolds } from './holds/release-holds.ts';
import { settleHolds } from './holds/settle-holds.ts';
import { sweepHolds } from './holds/sweep-holds.ts';
import type { AppDeps } from './http/app-deps.ts';
import type { AccountIds } from './ledger/ensure-accounts.ts';
import { readBalance } from './ledger/read-balance.ts';
import { readLedger, sumLedger } from './ledger/read-ledger.ts';
import { LIMITS } from './limits.ts';
import { type BillingMetrics, createBillingMetrics } from './metrics/billing-metrics.ts';
import { measureOperations } from './metrics/measure-operations.ts';
import { readGauges } from './metrics/read-gauges.ts';
import { fixedPriceSource } from './prices/price-source.ts';
import { readPrice } from './prices/read-price.ts';
import { refreshRate } from './prices/refresh-rate.ts';
import { checkReadiness } from './readiness/check-readiness.ts';
import { readUserBalance } from './usage/read-user-balance.ts';
import { summariseUsage } from './usage/summarise-usage.ts';
import type { QueueOperations } from './workers/answer-queues.ts';
import { keepPartitions } from './workers/keep-partitions.ts';

/** Everything the service consists of, constructed. */
export type Deps = {
  readonly log: Logger;
  readonly sql: Sql;
  readonly queue: QueueConnection;
  readonly coalescer: HoldCoalescer;
  readonly app: AppDeps;
  readonly metrics: BillingMetrics;
  readonly queueOperations: QueueOperations;
  readonly timers: readonly { name: string; intervalMs: number; work: () => Promise<unknown> }[];
};

/** Constructs the service from its configuration; opens connections lazily, waits for nothing. */
export function createDeps(config: Config): Deps {
  const log = createLog({ service: 'billing', level: config.LOG_LEVEL });
  const sql = openPool({
    url: config.DATABASE_URL,
    applicationName: 'billing',
    connectionsMax: LIMITS.databaseConnectionsMax,
    statementTimeoutMs: LIMITS.statementTimeoutMs,
  });
  const accountIds: AccountIds = new Map();
  const rules = chainRulesOf(config);
  const queue = openQueue(config, log);
  const metrics = createBillingMetrics({ readGauges: () => readGauges(sql), queue: queue.metrics });
  const policy = policyOf(config);
  const terms = openHoldTerms();
  const coalescer = coalesceHolds({
    createHolds: (asks) => createHolds({ sql, policy, terms }, asks),
    shards: config.HOLD_SHARDS,
    nowMs: Date.now,
    log,
  });
  return {
    log,
    sql,
    queue,
    coalescer,
    metrics,
    app: createAppDeps({ config, log, sql, queue, accountIds }),
    queueOperations: measureOperations(
      {
        requestHolds: coalescer.request,
        settleHolds: (items) => settleHolds({ sql, accountIds }, items),
        releaseHolds: (ids) => releaseHolds({ sql }, ids),
        takeChainStep: (request) =>
          takeChainStep(
            { sql, accountIds, rules, log, countRedemption: metrics.countRedemption },
            request,
          ),
        readPrice: () => readPrice({ sql }, { maxAgeMs: config.FX_MAX_AGE_MS }),
        recordWatermark: (watermark) => recordWatermark({ sql }, watermark),
      },
      metrics,
    ),
    timers: createTimers({ config, sql, accountIds, log }),
  };
}

function openQueue(config: Config, log: Logger): QueueConnection {
  return connectQueue({
    redisUrl: config.REDIS_URL,
    postgresUrl: config.QUEUE_DATABASE_URL,
    ...(config.QUEUE_PREFIX === undefined ? {} : { prefix: config.QUEUE_PREFIX }),
    keys: {
      'signer-to-billing': config.QUEUE_KEY_SIGNER_TO_BILLING,
      'billing-to-signer': config.QUEUE_KEY_BILLING_TO_SIGNER,
      'auth-to-billing': config.QUEUE_KEY_AUTH_TO_BILLING,
    },
    service: 'billing',
    replicaId: `billing-${randomBytes(8).toString('hex')}`,
    log,
  });
}

function policyOf(config: Config): HoldPolicy {
  return {
    defaultMarkupBps: config.MARKUP_BPS,
    fxMaxAgeMs: config.FX_MAX_AGE_MS,
    holdTtlMs: config.HOLD_TTL_MS,
    sessionCreditLimits: {
      app: config.SESSION_CREDIT_APP_WEI,
      user: config.SESSION_CREDIT_USER_WEI,
      key: config.SESSION_CREDIT_KEY_WEI,
    },
  };
}

type Parts = { config: Config; sql: Sql; accountIds: AccountIds; log: Logger };

function createAppDeps(parts: Parts & { queue: QueueConnection }): AppDeps {
  const { config, sql, accountIds, queue, log } = parts;
  const readiness = {
    sql,
    isQueueReady: queue.transport.isReady,
    fxMaxAgeMs: config.FX_MAX_AGE_MS,
  };
  return {
    log,
    issuer: config.ISSUER,
    jwks: createRemoteJWKSet(new URL(config.AUTH_JWKS_URL), {
      timeoutDuration: LIMITS.jwksTimeoutMs,
    }),
    checkReadiness: () => checkReadiness(readiness),
    operations: {
      summariseUsage: (input) => summariseUsage({ sql }, input),
      readUserBalance: (input) => readUserBalance({ sql }, input),
      postCredit: (input) => postCredit({ sql, accountIds }, input),
      readBalance: (appId) => readBalance({ sql }, appId),
      putCaps: (input) => putCaps({ sql, accountIds }, input),
      readCaps: (input) => readCaps({ sql }, input),
      readLedger: (input) => readLedger({ sql }, input),
      sumLedger: (appId) => sumLedger({ sql }, appId),
      readChains: () => readChains({ sql }),
      clearChainAlarm: (input) => clearChainAlarm({ sql }, input),
    },
  };
}

function createTimers(parts: Parts): Deps['timers'] {
  const { config, sql, accountIds } = parts;
  const sweep = {
    sql,
    accountIds,
    replicaSilentAfterMs: config.REPLICA_SILENT_AFTER_MS,
    disputeKeptMs: config.DISPUTE_KEPT_MS,
  };
  const source = fixedPriceSource(config.FX_FIXED_E8, Date.now);
  const rate = { sql, source, acceptJump: config.FX_ACCEPT_JUMP };
  const retentionMs = config.HOLD_RETENTION_MS;
  return [
    {
      name: 'rate.refresh',
      intervalMs: config.FX_REFRESH_INTERVAL_MS,
      work: () => refreshRate(rate),
    },
    { name: 'hold.sweep', intervalMs: config.SWEEP_INTERVAL_MS, work: () => sweepHolds(sweep) },
    {
      name: 'upkeep',
      intervalMs: config.UPKEEP_INTERVAL_MS,
      work: async () => {
        await keepPartitions({ sql });
        while ((await purgeHolds({ sql }, { retentionMs })) === LIMITS.purgeBatchMax);
      },
    },
  ];
}
