import type { Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import type { Logger } from '../log.ts';
import type { QueueKeys } from './keys.ts';
import type { QueueMetrics } from './metrics.ts';
import type { ServiceName } from './queues.ts';

/** How a service reaches the queue. With `redisUrl` Redis is used, otherwise `postgresUrl`. */
export type QueueConnectionOptions = {
  readonly redisUrl?: string | undefined;
  readonly postgresUrl?: string | undefined;
  readonly keys: QueueKeys;
  readonly service: ServiceName;
  /** Unique per process start. */
  readonly replicaId: string;
  readonly log: Logger;
  /** Postgres only: create or upgrade the tables. Needs the owner's role; the migrator alone. */
  readonly migrate?: boolean;
  /** First part of every Redis key; `ch` unless told. */
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
  /** One producer per queue name, shared. */
  readonly producer: (queueName: string) => Queue;
  readonly worker: (
    queueName: string,
    processor: Processor,
    options: Partial<WorkerOptions>,
  ) => Worker;
  /** Stops workers (those under way finish), then closes every connection. */
  readonly close: () => Promise<void>;
};

/** Opens the queue; never waits for the backend, which may come later or go and come back. */
export function connectQueue(_options: QueueConnectionOptions): QueueConnection {
  throw new Error('under construction');
}
