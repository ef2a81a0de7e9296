import type { BackendFactory, QueueOptions } from 'bullmq';
import type { ServiceName } from './queues.ts';

/**
 * One of BullMQ's backends, opened: what a producer and a worker are constructed with. The two
 * differ in how they fail: a producer's commands fail at once when the backend is away, a
 * worker's wait until it is back.
 */
export type Transport = {
  readonly backend: 'redis' | 'postgres';
  readonly factory: BackendFactory;
  readonly prefix: string;
  readonly producerConnection: BackendClient;
  readonly workerConnection: BackendClient;
  /** Can a producer hand over a job now? */
  readonly isReady: () => boolean;
  /**
   * Says that this process reads the reply queue `queueName` of `service`, and names those of
   * the same service that nobody has read for long.
   */
  readonly touchReplyQueue: (
    service: ServiceName,
    queueName: string,
    nowMs: number,
  ) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

/** What BullMQ's `connection` option takes: an ioredis client or a pg pool. */
export type BackendClient = NonNullable<QueueOptions['connection']>;

/** Called with every fault of a connection; the text names it and holds no command or body. */
export type OnFault = (error: unknown) => void;
