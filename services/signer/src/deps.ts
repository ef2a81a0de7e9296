import { randomBytes } from 'node:crypto';
import {
  connectQueue,
  createAsker,
  holdReplySchema,
  type Logger,
  type QueueConnection,
  runStage,
  STAGES,
  systemClock,
} from '@clearinghouse/shared';
import type { Chain } from './chain/follow-chain.ts';
import { hasFunds } from './chain/has-funds.ts';
import type { SigningConfig } from './config.ts';
import type { Account, Custody } from './custody/account.ts';
import { introduceAccounts } from './custody/introduce-accounts.ts';
import { type Ceilings, openCeilings } from './deps/open-ceilings.ts';
import { type OpenedChain, openChain } from './deps/open-chain.ts';
import { openDiscovery } from './deps/open-discovery.ts';
import { openIdentities } from './deps/open-identities.ts';
import { openPolicy } from './deps/open-policy.ts';
import { openSettling, type Settling } from './deps/open-settling.ts';
import { openStorage, type Storage } from './deps/open-storage.ts';
import { openWatch } from './deps/open-watch.ts';
import { openWebhook, type Webhook } from './deps/open-webhook.ts';
import { createHoldAsker, type HoldAsker } from './holds/ask-hold.ts';
import { type MakePaymentDeps, makePayment } from './holds/make-payment.ts';
import { createOpenAsks, type OpenAsks } from './holds/open-asks.ts';
import { rememberSignatures } from './holds/remember-signatures.ts';
import { createSpentGrants } from './holds/spent-grants.ts';
import type { Surface } from './http/surface.ts';
import { RUNTIME_LIMITS } from './limits.ts';
import { createSignerMetrics, type SignerMetrics } from './metrics/signer-metrics.ts';
import { deriveFirstIds } from './payments/derive-first-ids.ts';
import type { EnforcePolicy } from './policy/enforce-policy.ts';
import { type KillSwitch, watchKillSwitch } from './policy/watch-kill-switch.ts';
import { withCeilings } from './prices/convert-ceilings.ts';
import { keepPayment } from './settle/keep-payment.ts';
import type { Watcher } from './watch/watch-chain.ts';

const BOOT_ID_BYTES = 6;
const clock = systemClock;

/** Everything the service consists of, constructed. */
export type Deps = {
  readonly replicaId: string;
  readonly queueBackend: string;
  readonly app: Surface;
  readonly metrics: SignerMetrics;
  /** In this order, after HTTP is closed. */
  readonly stopSteps: readonly { name: string; stop: () => Promise<unknown> }[];
};

export type CreateDepsInput = {
  readonly config: SigningConfig;
  readonly custody: Custody;
  readonly log: Logger;
  /** This process must not sign any more. */
  readonly onLost: (reason: string) => void;
  /** Lets through what is connected to within, where sockets are guarded. */
  readonly allowWithin?: <T>(work: () => T) => T;
  /** How often the log told of each alarm. */
  readonly alarms?: ReadonlyMap<string, number>;
  /** First part of every Redis key of the queue, where several share a server. */
  readonly queuePrefix?: string;
};

/** Constructs the signer. Waits for its own disk, and for no other service. */
export async function createDeps(input: CreateDepsInput): Promise<Deps> {
  const { config, custody, log, onLost } = input;
  const { journalDir, adoptAfterMs } = config;
  const replicaId = `${config.replica}-${randomBytes(BOOT_ID_BYTES).toString('hex')}`;
  const storage = await openStorage({ journalDir, replicaId, log, onLost });
  const queue = openQueue(input, replicaId);
  const chain = openChain(config.chain, custody, log);
  const { nodes } = chain;
  const watcher = openWatch({ config: config.chain, custody, nodes, queue, log });
  const identities = openIdentities(config, queue, log);
  const asks = createOpenAsks();
  const killSwitch = await watchKillSwitch(journalDir, log);
  const common = { journalDir, adoptAfterMs, replicaId, log };
  const settling = openSettling({ ...common, storage, queue, asks });
  const metrics = openMetrics(input, { chain, watcher, queue, asks, storage, settling });
  const holds = openHolds(queue, replicaId);
  const webhook = openWebhook({ clock, policy: config.policy }, config.webhook);
  const ceilings = openCeilings(config.ceilings, { queue, log });
  const payments = paymentDeps({
    config,
    custody,
    chain,
    asks,
    holds,
    storage,
    settling,
    metrics,
    webhook,
    killSwitch,
    ceilings,
    enforcePolicy: openPolicy({ config, nodes, countRefusal: metrics.countPolicyRefusal, log }),
  });
  const introductions = await introduceAccounts(custody, config.selectableAddresses);
  const discovery = await openDiscovery({ ...input, ...ceilings }, nodes);
  return {
    replicaId,
    queueBackend: queue.backend,
    metrics,
    app: {
      log,
      monotonicMs: clock.monotonicMs,
      count: metrics.count,
      ...introductions,
      authenticate: identities.authenticate,
      authenticatePayment: webhook?.authenticate ?? identities.authenticate,
      isOrchestratorInfoOpen: config.isOrchestratorInfoOpen,
      discovery,
      makePayment: (payment) => makePayment(payments, payment),
      readiness: () => ({
        chain: chain.ageMs() <= config.chainMaxAgeMs,
        journal: storage.journal.canAppend(),
        queue: queue.transport.isReady(),
        keys: identities.isReady(),
        funds: hasFunds(chain.snapshot()),
        signing: killSwitch.stopped() === undefined,
      }),
    },
    stopSteps: [
      { name: 'kill switch', stop: async () => killSwitch.stop() },
      { name: 'holds', stop: holds.close },
      { name: 'identities', stop: identities.stop },
      { name: 'ceilings', stop: async () => ceilings.stop() },
      { name: 'discovery', stop: async () => discovery?.stop() },
      { name: 'watcher', stop: async () => watcher?.stop() },
      { name: 'chain', stop: chain.stop },
      { name: 'settling', stop: settling.stop },
      { name: 'queue', stop: () => queue.close() },
    ],
  };
}

type MetricParts = Pick<PaymentParts, 'asks' | 'storage' | 'settling'> & {
  readonly chain: OpenedChain;
  readonly watcher: Watcher | undefined;
  readonly queue: QueueConnection;
};

function openMetrics({ alarms }: CreateDepsInput, parts: MetricParts): SignerMetrics {
  const { chain, watcher, queue, asks, storage, settling } = parts;
  return createSignerMetrics({
    chainAgeMs: chain.ageMs,
    snapshot: chain.snapshot,
    node: () => chain.nodes?.current(),
    watch: () => watcher?.status(),
    alarms: alarms ?? new Map(),
    queue: queue.metrics,
    openAsks: asks.size,
    neededRecords: storage.journal.needed,
    pendingSettlements: settling.settlements.pending,
  });
}

function openQueue(input: CreateDepsInput, replicaId: string): QueueConnection {
  const { config, log, queuePrefix } = input;
  return connectQueue({
    redisUrl: config.redisUrl,
    postgresUrl: config.queueDatabaseUrl,
    keys: config.queueKeys,
    service: 'signer',
    replicaId,
    log,
    ...(queuePrefix === undefined ? {} : { prefix: queuePrefix }),
  });
}

function openHolds(queue: QueueConnection, replicaId: string): HoldAsker {
  const askHolds = createAsker(queue, 'hold-request', {
    replySchema: holdReplySchema,
    timeoutMs: RUNTIME_LIMITS.holdTimeoutMs,
  });
  return createHoldAsker({ askHolds, clock, replicaId });
}

type PaymentParts = {
  readonly config: SigningConfig;
  readonly custody: Custody;
  readonly chain: Chain;
  readonly asks: OpenAsks;
  readonly holds: HoldAsker;
  readonly storage: Storage;
  readonly settling: Settling;
  readonly metrics: SignerMetrics;
  readonly webhook: Webhook | undefined;
  readonly killSwitch: KillSwitch;
  readonly ceilings: Ceilings;
  readonly enforcePolicy: EnforcePolicy;
};

function paymentDeps(parts: PaymentParts): MakePaymentDeps {
  const { config, custody, holds, storage, settling, metrics } = parts;
  const { journal } = storage;
  const { settleKept, releaser } = settling;
  const signers = new Map(
    custody.accounts.map((account) => {
      const remembering = rememberSignatures(account, RUNTIME_LIMITS.rememberedMax);
      const signTickets = timed(remembering.signTickets, metrics);
      return [account.address, { ...remembering, signTickets }] as const;
    }),
  );
  return {
    plan: {
      ownAddress: custody.accounts[0].address,
      policy: withCeilings(config.policy, parts.ceilings.ceilings),
      stateSender: (bytes, signature) =>
        [...signers.values()].find((one) => one.verifyState(bytes, signature))?.address,
      deriveFirstIds: (authId, requestHash) =>
        deriveFirstIds(config.sessionSecret, { authId, requestHash }),
    },
    ...(parts.webhook ? { confirm: parts.webhook.confirm } : {}),
    enforcePolicy: parts.enforcePolicy,
    canPrice: parts.ceilings.canPrice,
    chain: parts.chain,
    chainMaxAgeMs: config.chainMaxAgeMs,
    clock,
    askHold: async (item) => {
      const startedMs = clock.monotonicMs();
      const reply = await holds.ask(item);
      metrics.observeHold(clock.monotonicMs() - startedMs, reply.ok ? 'ok' : reply.code);
      return reply;
    },
    asks: parts.asks,
    spent: createSpentGrants(RUNTIME_LIMITS.spentGrantsMax),
    signerOf: (sender) => signers.get(sender),
    canKeep: journal.canAppend,
    stopped: parts.killSwitch.stopped,
    keep: async (payment) => {
      const startedMs = clock.monotonicMs();
      const kept = await keepPayment({ journal, settleKept }, payment);
      metrics.observeJournal(clock.monotonicMs() - startedMs);
      return kept;
    },
    release: releaser.release,
  };
}

/** Counts what is signed and how long it took. */
function timed(sign: Account['signTickets'], metrics: SignerMetrics): Account['signTickets'] {
  return (batch) => {
    const startedMs = clock.monotonicMs();
    const observe = <T>(signatures: T): T => {
      metrics.observeSigning(clock.monotonicMs() - startedMs, batch);
      return signatures;
    };
    const signatures = runStage(STAGES['signer.tickets'], () => sign(batch));
    return signatures instanceof Promise ? signatures.then(observe) : observe(signatures);
  };
}
