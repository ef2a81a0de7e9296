import type { z } from 'zod';
import type { QueueConnection } from './connect.ts';
import { openEnvelope } from './envelope.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { envelopesOf, parseJson } from './messages.ts';
import { QUEUES, type ServiceName, type TellQueueName } from './queues.ts';

export type MessageMeta = { readonly from: ServiceName; readonly issuedAtMs: number };
export type Listening = { readonly close: () => Promise<void> };

export type ListenOptions<S extends z.ZodType> = {
  readonly schema: S;
  /** Must be idempotent: a message may come more than once, and out of order. */
  readonly handle: (body: z.output<S>, meta: MessageMeta) => Promise<unknown>;
  readonly concurrency?: number;
};

/**
 * Works on a queue of told messages. A message that is forged, too old or of another shape is
 * dropped and counted. A handler that throws is tried again with growing pauses, as often as
 * the queue's `attempts` says; after the last try the message is kept for an operator and an
 * alarm is logged.
 */
export function listenQueue<S extends z.ZodType>(
  connection: QueueConnection,
  queueName: TellQueueName,
  options: ListenOptions<S>,
): Listening {
  const { log, metrics } = connection;
  return connection.startWorker(
    queueName,
    async (job) => {
      const message = openMessage(connection, queueName, envelopesOf(job.data)[0], options.schema);
      if (!message) return;
      try {
        await options.handle(message.body, message.meta);
      } catch (error) {
        metrics.handlerFailures += 1;
        log.error({ queue: queueName, err: error, attempt: job.attemptsMade + 1 }, 'told in vain');
        // What is thrown here is stored in the queue: it must not carry the handler's words.
        throw new Error('handler failed');
      }
    },
    {
      concurrency: options.concurrency ?? QUEUE_LIMITS.listenConcurrency,
      maxStalledCount: QUEUE_LIMITS.tellStalledMax,
    },
    (attemptsMade, attemptsMax) => {
      if (attemptsMade < attemptsMax) return;
      metrics.failedTells += 1;
      log.error({ alarm: 'tell_failed', queue: queueName, attemptsMade }, 'message given up');
    },
  );
}

function openMessage<S extends z.ZodType>(
  connection: QueueConnection,
  queueName: TellQueueName,
  text: unknown,
  schema: S,
): { body: z.output<S>; meta: MessageMeta } | undefined {
  const reject = (reason = 'unknown') => {
    connection.metrics.rejectedRequests += 1;
    connection.warn('message dropped', reason, { queue: queueName });
    return undefined;
  };
  const opened = openEnvelope(connection.keys, text, {
    queue: queueName,
    from: QUEUES[queueName].from,
    to: connection.service,
    maxAgeMs: QUEUE_LIMITS.tellMaxAgeMs,
  });
  if (!opened.ok) return reject(opened.detail);
  const body = schema.safeParse(parseJson(opened.value.body));
  if (!body.success) return reject('body has another shape');
  return {
    body: body.data,
    meta: { from: opened.value.from, issuedAtMs: opened.value.issuedAt },
  };
}
