import { randomBytes } from 'node:crypto';
import {
  answerQueue,
  connectDatabase,
  connectQueue,
  createLog,
  createTeller,
  credentialRequestSchema,
  type Logger,
  type QueueConnection,
  runStage,
  type Sql,
  STAGES,
} from '@clearinghouse/shared';
import { answerCredentialVerify } from './api-keys/answer-credential-verify.ts';
import { createLastUsedTracker } from './api-keys/track-last-used.ts';
import { createRefusalRecorder } from './audit/record-refusal.ts';
import { startSealing } from './audit/seal-audit.ts';
import { createClientCache } from './clients/client-cache.ts';
import { type Config, isLoopback } from './config.ts';
import { checkMigrations } from './db/migrations.ts';
import { openIssuerParts } from './deps/open-issuer.ts';
import { openKeys } from './deps/open-keys.ts';
import { openPeople } from './deps/open-people.ts';
import { createBalanceFetcher } from './forward/fetch-balance.ts';
import { createAnnouncer } from './identity/announce-changes.ts';
import { LIMITS } from './limits.ts';
import { startTellingApps } from './logout/tell-apps.ts';
import { startPurging } from './maintenance/purge-expired.ts';
import { createAuthMetrics } from './metrics/auth-metrics.ts';
import { createIssuer, type Issuer } from './oidc/issuer.ts';
import { createSealer, type Sealer } from './secrets/sealer.ts';
import { startKeepingKeys } from './signing-keys/keep-signing-keys.ts';
import { ensureSigningKeys } from './signing-keys/load-key-ring.ts';
import { SIGNING_KEYS_CHANNEL } from './signing-keys/signing-key-store.ts';

/** Everything that routes and operations need, made once. */
export type Deps = Awaited<ReturnType<typeof createDeps>>;

/**
 * Makes the parts: the database and the log first, then the issuer with its keys, then what asks
 * the others.
 */
export async function createDeps(config: Config) {
  const log = createLog({ service: 'auth', level: config.logLevel });
  const db = connectDatabase({
    url: config.databaseUrl,
    applicationName: 'auth',
    connectionsMax: LIMITS.databaseConnectionsMax,
  });
  const queue = connectQueue({
    service: 'auth',
    replicaId: `auth-${randomBytes(6).toString('hex')}`,
    redisUrl: config.redisUrl,
    postgresUrl: config.queueDatabaseUrl,
    keys: config.queueKeys,
    log,
  });
  const sealer = createSealer(config.keyEncryptionKeys);
  await checkMigrations(db);
  await ensureSigningKeys({ db, sealer });
  const parts = createParts(config, { db, log, queue });
  const issuer = await createIssuer((keys) => {
    const tokens = { ...parts, keys };
    const fetchBalance = createBalanceFetcher(tokens);
    return { ...tokens, sealer, fetchBalance, cookieKeys: config.cookieKeys };
  }, log);
  const tokens = { ...parts, keys: issuer.keys };
  const deps = { ...tokens, config, sealer, issuerParts: issuer, queue };
  return {
    ...deps,
    metrics: createAuthMetrics({ queue: queue.metrics }),
    fetchBalance: createBalanceFetcher(tokens),
    ...startWork({ db, log, queue, issuer, parts, sealer, config }),
  };
}

function createParts(config: Config, base: { db: Sql; log: Logger; queue: QueueConnection }) {
  const { db, log, queue } = base;
  const nowMs = () => Date.now();
  const lastUsed = createLastUsedTracker({ db, log, nowMs });
  const clients = createClientCache({ db, log, nowMs });
  const tells = [
    createTeller(queue, 'identity-changed-billing'),
    createTeller(queue, 'identity-changed-signer'),
  ];
  const people = openPeople(config, { db, log, nowMs });
  const keys = openKeys({
    db,
    log,
    nowMs,
    peppers: config.peppers,
    post: people.postman.post,
    installation: people.installationName,
    origin: config.origin,
  });
  const announce = createAnnouncer(tells, log, (changes) => {
    const kinds = new Set(changes.map(({ kind }) => kind));
    if (kinds.has('app') || kinds.has('client')) clients.forget();
    if (kinds.has('app') || kinds.has('user') || kinds.has('key')) keys.forgetKeys();
  });
  const { hostname, protocol } = new URL(config.origin);
  const isDevelopment = protocol === 'http:' && isLoopback(hostname);
  return {
    ...openIssuerParts({ ...config, isDevelopment }, { db, log, nowMs, announce }),
    ...people,
    ...keys,
    webhookSecret: config.webhookSecret,
    db,
    log,
    nowMs,
    lastUsed,
    clients,
    findClient: clients.find,
    peekClient: clients.peek,
    fetch: globalThis.fetch,
    issuer: config.issuer,
    managementAudience: config.managementAudience,
    billingUrl: config.billingUrl,
    signerUrl: config.signerUrl,
    firstByteMs: LIMITS.forwardFirstByteMs,
    peppers: config.peppers,
    announce,
    recordRefusal: createRefusalRecorder({ db, log, nowMs }),
    markUsed: lastUsed.markUsed,
    onRefusal: (clientId: string, refusal: { error: string; detail?: string | undefined }) =>
      log.info({ clientId, code: refusal.error, detail: refusal.detail }, 'token refused'),
  };
}

/** Starts what runs besides requests, and names how to stop it. */
function startWork(input: {
  db: Sql;
  log: Logger;
  queue: QueueConnection;
  issuer: Issuer;
  parts: ReturnType<typeof createParts>;
  sealer: Sealer;
  config: Config;
}) {
  const { db, log, queue, issuer, parts, sealer, config } = input;
  const answering = answerQueue(queue, 'credential-verify', {
    requestSchema: credentialRequestSchema,
    handle: (request) =>
      runStage(
        STAGES['auth.credentials'],
        () => answerCredentialVerify(parts, request),
        () => ({ parents: request.traces ?? [] }),
      ),
  });
  const purging = startPurging({ db, log });
  const sealing = startSealing({ db, log });
  const telling = startTellingApps({ db, log, issuerParts: issuer });
  const rotateDays = config.signingKeyRotateDays;
  const keeping = startKeepingKeys({ db, log, sealer }, { rotateDays });
  const reload = () =>
    issuer.reload().catch((err: unknown) => log.error({ err }, 'signing keys not reloaded'));
  const timer = setInterval(reload, LIMITS.keysReloadMs);
  timer.unref();
  const listening = db
    .listen(SIGNING_KEYS_CHANNEL, () => void reload())
    .catch((err: unknown) => {
      log.warn({ err }, 'not listening for signing keys; they are read again each minute');
      return undefined;
    });
  return {
    stopSteps: [
      { name: 'timers', stop: async () => clearInterval(timer) },
      { name: 'credential-verify', stop: () => answering.close() },
      { name: 'purge', stop: () => purging.stop() },
      { name: 'logout notices', stop: () => telling.stop() },
      { name: 'audit seals', stop: () => sealing.stop() },
      { name: 'signing keys', stop: () => keeping.stop() },
      { name: 'last-used', stop: () => parts.lastUsed.stop() },
      { name: 'clients', stop: () => parts.clients.stop() },
      { name: 'listen', stop: async () => (await listening)?.unlisten() },
      ...parts.issuerStops,
      ...parts.keyStops,
      ...parts.peopleStops,
      { name: 'queue', stop: () => queue.close() },
      { name: 'database', stop: () => db.end({ timeout: 5 }) },
    ],
  };
}
