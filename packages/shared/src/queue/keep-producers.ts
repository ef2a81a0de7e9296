import { type JobsOptions, Queue } from 'bullmq';
import { type Batcher, createBatcher } from './coalesce.ts';
import { QUEUE_LIMITS } from './limits.ts';
import type { JobData } from './messages.ts';
import type { OnFault, Transport } from './transport.ts';

/** One sealed envelope on its way into a queue. */
export type Outgoing = { readonly queueName: string; readonly text: string; readonly id: string };

/** Hands envelopes to queues. Both ways of adding reject at once when the backend is away. */
export type Producers = {
  /** A job that is tried once. Envelopes added at the same time share one. */
  readonly addShared: (message: Outgoing) => Promise<void>;
  /** A job of its own, tried `attempts` times; when all fail it is kept for an operator. */
  readonly addKept: (message: Outgoing, attempts: number) => Promise<void>;
  /** Removes a queue and all it holds. */
  readonly remove: (queueName: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The little of BullMQ's `Queue` that is used here, whatever its backend. */
type BackendQueue = Pick<Queue, 'waitUntilReady' | 'obliterate' | 'close'> & {
  readonly add: (name: string, data: JobData, options: JobsOptions) => Promise<unknown>;
};

type Producer = { readonly queue: BackendQueue; readonly shared: Batcher<Outgoing, undefined> };

/** The name of every job; what it is stands in its envelopes. */
const JOB_NAME = 'm';

/** One BullMQ producer a queue name, made on first use; the longest unused one is closed. */
export function keepProducers(transport: Transport, onFault: OnFault): Producers {
  const producers = new Map<string, Producer>();
  let inFlight = 0;

  const open = (queueName: string): Producer => {
    const producer = producers.get(queueName) ?? newProducer(transport, queueName, onFault);
    const isNew = !producers.delete(queueName);
    producers.set(queueName, producer);
    if (!isNew) return producer;
    producer.queue.waitUntilReady().catch(() => {
      if (producers.get(queueName) === producer) producers.delete(queueName);
    });
    closeOldest(producers);
    return producer;
  };
  const bounded = async (add: () => Promise<unknown>) => {
    if (!transport.isReady()) throw new Error('queue backend is away');
    if (inFlight >= QUEUE_LIMITS.jobsInFlightMax) throw new Error('queue backend is too slow');
    inFlight += 1;
    try {
      await add();
    } finally {
      inFlight -= 1;
    }
  };
  return {
    addShared: (message) =>
      bounded(() => {
        const producer = open(message.queueName);
        const isShort = message.text.length <= QUEUE_LIMITS.sharedEnvelopeCharsMax;
        return isShort ? producer.shared.add(message) : addOnce(producer.queue, [message]);
      }),
    addKept: (message, attempts) =>
      bounded(() => open(message.queueName).queue.add(...keptJob(message, attempts))),
    remove: async (queueName) => {
      const queue = newQueue(transport, queueName, onFault);
      await queue.obliterate({ force: true }).finally(() => queue.close());
    },
    close: async () => {
      const closing = [...producers.values()].map(({ queue }) => queue.close().catch(onFault));
      producers.clear();
      await Promise.all(closing);
    },
  };
}

function newProducer(transport: Transport, queueName: string, onFault: OnFault): Producer {
  const queue = newQueue(transport, queueName, onFault);
  const shared = createBatcher<Outgoing, undefined>({
    maxItems: QUEUE_LIMITS.envelopesPerJobMax,
    maxWaitMs: 0,
    maxInFlight: QUEUE_LIMITS.sharedJobsInFlightMax,
    maxWaiting: QUEUE_LIMITS.jobsInFlightMax,
    send: async (messages) => {
      await addOnce(queue, messages);
      return messages.map(() => undefined);
    },
  });
  return { queue, shared };
}

function newQueue(transport: Transport, queueName: string, onFault: OnFault): BackendQueue {
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

function addOnce(queue: BackendQueue, messages: readonly Outgoing[]): Promise<unknown> {
  return queue.add(
    JOB_NAME,
    { e: messages.map((message) => message.text) },
    { ...jobIdOf(messages[0]), attempts: 1, removeOnComplete: true, removeOnFail: true },
  );
}

function keptJob(message: Outgoing, attempts: number): [string, JobData, JobsOptions] {
  const options: JobsOptions = {
    ...jobIdOf(message),
    attempts,
    backoff: { type: 'exponential', delay: QUEUE_LIMITS.tellBackoffMs },
    removeOnComplete: true,
    removeOnFail: { age: QUEUE_LIMITS.failedAgeSec, count: QUEUE_LIMITS.failedCountMax },
    stackTraceLimit: 0,
  };
  return [JOB_NAME, { e: [message.text] }, options];
}

/** Ids of our own: Postgres would otherwise make a sequence a queue, which is DDL. */
function jobIdOf(message: Outgoing | undefined): { jobId?: string } {
  return message ? { jobId: `n${message.id}` } : {};
}

function closeOldest(producers: Map<string, Producer>): void {
  if (producers.size <= QUEUE_LIMITS.replyProducersMax) return;
  const [oldest] = producers;
  if (!oldest) return;
  producers.delete(oldest[0]);
  void oldest[1].shared
    .close()
    .then(() => oldest[1].queue.close())
    .catch(() => undefined);
}
