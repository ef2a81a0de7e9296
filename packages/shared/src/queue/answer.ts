import type { z } from 'zod';
import type { QueueConnection } from './connect.ts';
import { type Envelope, openEnvelope, sealEnvelope } from './envelope.ts';
import { limitConcurrency } from './limit-concurrency.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { type AskBody, askBodySchema, envelopesOf, parseJson, type ReplyBody } from './messages.ts';
import { type AskQueueName, QUEUES, replyQueueName, type ServiceName } from './queues.ts';
import { createServedAsks, type ServedAsks } from './served.ts';

/** What the answerer knows of a request besides its body. */
export type RequestMeta = {
  readonly from: ServiceName;
  /** The asking process. */
  readonly replicaId: string;
  /** Wall clock, milliseconds: an answer after this is not awaited any more. */
  readonly deadlineAtMs: number;
};

export type Answering = { readonly close: () => Promise<void> };

export type AnswerOptions<S extends z.ZodType> = {
  readonly requestSchema: S;
  /** Gives the answer, as JSON can carry it. Must be idempotent: an ask may be retried. */
  readonly handle: (body: z.output<S>, meta: RequestMeta) => Promise<unknown>;
  /** Requests handled at once by this process; 64 unless told. */
  readonly concurrency?: number;
};

/**
 * Works on a queue of asks. A request that is forged, was served before, or is past its
 * deadline is dropped without an answer. A handler that throws is logged by name, and the asker
 * is told `unavailable` at once rather than left to wait; a request of another shape is
 * answered `bad_envelope`. One bad request never touches another.
 */
export function answerQueue<S extends z.ZodType>(
  connection: QueueConnection,
  queueName: AskQueueName,
  options: AnswerOptions<S>,
): Answering {
  const served = createServedAsks(QUEUE_LIMITS.servedNoncesMax);
  const limited = limitConcurrency(options.concurrency ?? QUEUE_LIMITS.answerConcurrency);
  return connection.startWorker(
    queueName,
    async (job) => {
      const requests = envelopesOf(job.data).map((text) =>
        openRequest(connection, queueName, text, served),
      );
      await Promise.all(
        requests.map(async (request) => {
          if (!request) return;
          const reply = await limited(() => answerOne(connection, queueName, options, request));
          await sendReply(connection, request, reply);
        }),
      );
    },
    { concurrency: QUEUE_LIMITS.answerJobs, maxStalledCount: 0 },
  );
}

type Request = { readonly envelope: Envelope; readonly ask: AskBody };

function openRequest(
  connection: QueueConnection,
  queueName: AskQueueName,
  text: unknown,
  served: ServedAsks,
): Request | undefined {
  const { metrics, warn } = connection;
  const reject = (reason = 'unknown') => {
    metrics.rejectedRequests += 1;
    warn('request dropped', reason, { queue: queueName });
    return undefined;
  };
  const opened = openEnvelope(connection.keys, text, {
    queue: queueName,
    from: QUEUES[queueName].from,
    to: connection.service,
    maxAgeMs: QUEUE_LIMITS.askTimeoutMaxMs,
  });
  if (!opened.ok) return reject(opened.detail);
  const ask = askBodySchema.safeParse(parseJson(opened.value.body));
  if (!ask.success) return reject('ask has another shape');
  const nowMs = Date.now();
  const latestMs = opened.value.issuedAt + QUEUE_LIMITS.askTimeoutMaxMs;
  if (nowMs > Math.min(ask.data.deadlineAt, latestMs)) {
    metrics.lateRequests += 1;
    return undefined;
  }
  if (!served.claim(opened.value.nonce, latestMs, nowMs)) return reject('served before');
  return { envelope: opened.value, ask: ask.data };
}

async function answerOne<S extends z.ZodType>(
  connection: QueueConnection,
  queueName: AskQueueName,
  options: AnswerOptions<S>,
  request: Request,
): Promise<ReplyBody> {
  const { ask, envelope } = request;
  const body = options.requestSchema.safeParse(ask.body);
  if (!body.success) {
    connection.metrics.rejectedRequests += 1;
    connection.warn('request refused', 'body has another shape', { queue: queueName });
    return { ok: false, code: 'bad_envelope' };
  }
  const meta = { from: envelope.from, replicaId: ask.replicaId, deadlineAtMs: ask.deadlineAt };
  try {
    return { ok: true, body: (await options.handle(body.data, meta)) ?? null };
  } catch (error) {
    connection.metrics.handlerFailures += 1;
    connection.log.error({ queue: queueName, err: error }, 'answering failed');
    return { ok: false, code: 'unavailable' };
  }
}

/** A reply that cannot be sent, or that nobody awaits any more, is let go: the asker's clock runs. */
async function sendReply(
  connection: QueueConnection,
  request: Request,
  reply: ReplyBody,
): Promise<void> {
  const { envelope, ask } = request;
  if (Date.now() > ask.deadlineAt) {
    connection.metrics.lateRequests += 1;
    return;
  }
  const queue = replyQueueName(envelope.from, ask.replicaId);
  const sealed = sealEnvelope(connection.keys, {
    queue,
    from: connection.service,
    to: envelope.from,
    inReplyTo: envelope.nonce,
    body: reply,
  });
  const message = { queueName: queue, text: sealed.text, id: sealed.nonce };
  await connection.producers.addShared(message).catch(connection.onFault);
}
