import type { Processor, WorkerOptions } from 'bullmq';
import type { Logger } from '../log.ts';
import { keepProducers, type Producers } from './keep-producers.ts';
import { type KeptWorker, keepWorker } from './keep-worker.ts';
import type { QueueKeys } from './keys.ts';
import { createQueueMetrics, type QueueMetrics } from './metrics.ts';
import { openPostgres } from './open-postgres.ts';
import { openRedis } from './open-redis.ts';
import { replyQueueName, type ServiceName } from './queues.ts';
import { createQuietLog, type QuietLog } from './quiet-log.ts';
import type { OnFault, Transport } from './transport.ts';

/** First part of every Redis key of the queue. */
export const DEFAULT_QUEUE_PREFIX = 'ch';

/** How a service reaches the queue. With `redisUrl` Redis is used, otherwise `postgresUrl`. */
export type QueueConnectionOptions = {
  readonly redisUrl?: string | undefined;
  readonly postgresUrl?: string | undefined;
  readonly keys: QueueKeys;
  readonly service: ServiceName;
  /** Unique per process start: 1-64 of `A-Z a-z 0-9 _ -`. */
  readonly replicaId: string;
  readonly log: Logger;
  /**
   * Postgres only: create or upgrade the tables first. Needs the owner's role, so a service
   * never passes it; asks and tells are refused until it is done.
   */
  readonly migrate?: boolean;
  /** First part of every Redis key; {@link DEFAULT_QUEUE_PREFIX} unless told. */
  readonly prefix?: string;
};

/** What asks, answers, tells and listens stand on. */
export type QueueConnection = {
  readonly backend: 'redis' | 'postgres';
  readonly service: ServiceName;
  readonly replicaId: string;
  readonly keys: QueueKeys;
  readonly log: Logger;
  readonly metrics: QueueMetrics;
  readonly transport: Transport;
  readonly producers: Producers;
  readonly onFault: OnFault;
  readonly warn: QuietLog;
  /** Starts a worker that {@link QueueConnection.close} stops. */
  readonly startWorker: (
    queueName: string,
    processor: Processor,
    options: Partial<WorkerOptions>,
    onFailed?: (attemptsMade: number, attemptsMax: number) => void,
  ) => KeptWorker;
  /** Runs when the connection closes, before the workers stop. */
  readonly onClose: (run: () => void) => void;
  /** Stops workers (jobs under way finish, within a bound), then closes every connection. */
  readonly close: () => Promise<void>;
};

/**
 * Opens the queue: Redis when `redisUrl` is given, BullMQ's Postgres backend otherwise. Never
 * waits for the backend, which may come later, or go and come back: workers go on by
 * themselves, asks and tells are refused `unavailable` meanwhile.
 *
 * @throws Error when neither address is given, or `replicaId` has another shape.
 */
export function connectQueue(options: QueueConnectionOptions): QueueConnection {
  replyQueueName(options.service, options.replicaId);
  const warn = createQuietLog(options.log);
  const onFault: OnFault = (error) => warn('queue connection fault', faultText(error));
  const transport = openTransport(options, onFault);
  const producers = keepProducers(transport, onFault);
  const workers: KeptWorker[] = [];
  const closers: (() => void)[] = [];
  let closing: Promise<void> | undefined;
  const close = async () => {
    for (const run of closers) run();
    await Promise.all(workers.map((worker) => worker.close()));
    await producers.close();
    await transport.close();
  };
  return {
    backend: transport.backend,
    service: options.service,
    replicaId: options.replicaId,
    keys: options.keys,
    log: options.log,
    metrics: createQueueMetrics(),
    transport,
    producers,
    onFault,
    warn,
    startWorker: (queueName, processor, workerOptions, onFailed) => {
      const worker = keepWorker(transport, {
        queueName,
        processor,
        options: workerOptions,
        onFault,
        ...(onFailed ? { onFailed } : {}),
      });
      workers.push(worker);
      return worker;
    },
    onClose: (run) => {
      closers.push(run);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function openTransport(options: QueueConnectionOptions, onFault: OnFault): Transport {
  const prefix = options.prefix ?? DEFAULT_QUEUE_PREFIX;
  if (options.redisUrl) return openRedis({ url: options.redisUrl, prefix, onFault });
  if (options.postgresUrl) {
    return openPostgres({
      url: options.postgresUrl,
      migrate: options.migrate === true,
      onFault,
    });
  }
  throw new Error('the queue needs a redisUrl or a postgresUrl');
}

/** Name and message only: driver errors carry the command with its arguments. */
function faultText(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error ? ` ${String(error.code)}` : '';
  return `${error.name}${code}: ${error.message}`.slice(0, FAULT_CHARS_MAX);
}

const FAULT_CHARS_MAX = 200;
