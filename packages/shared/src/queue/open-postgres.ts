import { type BackendFactory, createPostgresBackend, DEFAULT_SCHEMA, runMigrations } from 'bullmq';
import pg from 'pg';
import { QUEUE_LIMITS } from './limits.ts';
import type { ServiceName } from './queues.ts';
import type { BackendClient, OnFault, Transport } from './transport.ts';

const ROLE = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Opens BullMQ's Postgres backend over one pool that every producer and worker of the process
 * shares. Needs the tables to be there (see {@link migrateQueue}).
 */
export function openPostgres(options: {
  url: string;
  migrate: boolean;
  onFault: OnFault;
}): Transport {
  let ready = !options.migrate;
  if (options.migrate) {
    migrateQueue({ postgresUrl: options.url }).then(() => {
      ready = true;
    }, options.onFault);
  }
  const pool = new pg.Pool({
    connectionString: options.url,
    max: QUEUE_LIMITS.postgresPoolMax,
    keepAlive: true,
    connectionTimeoutMillis: QUEUE_LIMITS.askTimeoutMs,
    options: `-c search_path=${DEFAULT_SCHEMA}`,
  });
  pool.on('error', options.onFault);
  // Every producer and worker listens to the pool they share.
  pool.setMaxListeners(0);
  return {
    backend: 'postgres',
    // BullMQ types a factory by its client; both ends of this one take the pool below.
    factory: createPostgresBackend as unknown as BackendFactory,
    prefix: DEFAULT_SCHEMA,
    producerConnection: pool as unknown as BackendClient,
    workerConnection: pool as unknown as BackendClient,
    isReady: () => ready && !pool.ending,
    touchReplyQueue: (service, queueName, nowMs) => findStale(pool, service, queueName, nowMs),
    close: () => pool.end(),
  };
}

/**
 * Creates or upgrades the queue's tables, as the role that owns them, and lets the roles of
 * `grantTo` work with them (rows only, no DDL).
 */
export async function migrateQueue(options: {
  postgresUrl: string;
  grantTo?: readonly string[];
}): Promise<void> {
  const client = new pg.Client({ connectionString: options.postgresUrl });
  await client.connect();
  try {
    await runMigrations(client, DEFAULT_SCHEMA);
    for (const role of options.grantTo ?? []) {
      if (!ROLE.test(role)) throw new Error('grantTo: not a plain role name');
      await client.query(`
        grant usage on schema ${DEFAULT_SCHEMA} to ${role};
        grant select on ${DEFAULT_SCHEMA}.migration to ${role};
        grant select, insert, update, delete on ${DEFAULT_SCHEMA}.job,
          ${DEFAULT_SCHEMA}.event, ${DEFAULT_SCHEMA}.meta, ${DEFAULT_SCHEMA}.metrics,
          ${DEFAULT_SCHEMA}.job_log, ${DEFAULT_SCHEMA}.job_dependency, ${DEFAULT_SCHEMA}.dedup,
          ${DEFAULT_SCHEMA}.dedup_next, ${DEFAULT_SCHEMA}.rate_limit, ${DEFAULT_SCHEMA}.scheduler
          to ${role};
        grant usage on all sequences in schema ${DEFAULT_SCHEMA} to ${role}`);
    }
  } finally {
    await client.end();
  }
}

/** Reply queues of the service whose newest event is old; the own one is never named. */
async function findStale(
  pool: pg.Pool,
  service: ServiceName,
  queueName: string,
  nowMs: number,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ queue: string }>(
    `select queue from event where starts_with(queue, $1) and queue <> $2
     group by queue having max(created_at_ms) < $3`,
    [`reply-${service}-`, queueName, nowMs - QUEUE_LIMITS.replyQueueStaleMs],
  );
  return rows.map((row) => row.queue);
}
