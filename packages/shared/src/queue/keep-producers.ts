import { type JobsOptions, Queue } from 'bullmq';
import { QUEUE_LIMITS } from './limits.ts';
import type { OnFault, Transport } from './transport.ts';

/** Hands jobs to queues. */
export type Producers = {
  /**
   * Adds one job whose only content is `text`. Rejects at once when the backend is away or when
   * too many jobs wait to be taken by it.
   */
  readonly add: (queueName: string, text: string, options: AddOptions) => Promise<void>;
  /** Removes a queue and all it holds. */
  readonly remove: (queueName: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type AddOptions = {
  readonly jobId: string;
  readonly attempts: number;
  /** Kept after the last failed attempt, for an operator; otherwise removed. */
  readonly keepFailed: boolean;
};

/** What a job of ours holds. */
export type JobData = { readonly e: string };

/** The little of BullMQ's `Queue` that is used here, whatever its backend. */
type Producer = Pick<Queue, 'waitUntilReady' | 'obliterate' | 'close'> & {
  readonly add: (name: string, data: JobData, options: JobsOptions) => Promise<unknown>;
};

/** One BullMQ producer a queue name, made on first use; the longest unused one is closed. */
export function keepProducers(transport: Transport, onFault: OnFault): Producers {
  const queues = new Map<string, Producer>();
  let inFlight = 0;

  const open = (queueName: string): Producer => {
    const found = queues.get(queueName);
    if (found) {
      queues.delete(queueName);
      queues.set(queueName, found);
      return found;
    }
    const queue = newQueue(transport, queueName, onFault);
    queues.set(queueName, queue);
    queue.waitUntilReady().catch(() => {
      if (queues.get(queueName) === queue) queues.delete(queueName);
    });
    closeOldest(queues);
    return queue;
  };

  return {
    add: async (queueName, text, options) => {
      if (!transport.isReady()) throw new Error('queue backend is away');
      if (inFlight >= QUEUE_LIMITS.jobsInFlightMax) throw new Error('queue backend is too slow');
      inFlight += 1;
      try {
        await open(queueName).add('m', { e: text }, jobOptions(options));
      } finally {
        inFlight -= 1;
      }
    },
    remove: async (queueName) => {
      const queue = newQueue(transport, queueName, onFault);
      try {
        await queue.obliterate({ force: true });
      } finally {
        await queue.close();
      }
    },
    close: async () => {
      const closing = [...queues.values()].map((queue) => queue.close().catch(onFault));
      queues.clear();
      await Promise.all(closing);
    },
  };
}

function newQueue(transport: Transport, queueName: string, onFault: OnFault): Producer {
  const queue = new Queue(
    queueName,
    {
      connection: transport.producerConnection,
      prefix: transport.prefix,
      streams: { events: { maxLen: QUEUE_LIMITS.eventsMax } },
    },
    transport.factory,
  );
  queue.on('error', onFault);
  return queue;
}

function jobOptions(options: AddOptions) {
  const { jobId, attempts, keepFailed } = options;
  const failed = { age: QUEUE_LIMITS.failedAgeSec, count: QUEUE_LIMITS.failedCountMax };
  return {
    jobId,
    attempts,
    removeOnComplete: true,
    removeOnFail: keepFailed ? failed : true,
    stackTraceLimit: 0,
    ...(attempts > 1
      ? { backoff: { type: 'exponential', delay: QUEUE_LIMITS.tellBackoffMs } }
      : {}),
  } as const;
}

function closeOldest(queues: Map<string, Producer>): void {
  if (queues.size <= QUEUE_LIMITS.replyProducersMax) return;
  const [oldest] = queues;
  if (!oldest) return;
  queues.delete(oldest[0]);
  void oldest[1].close().catch(() => undefined);
}
