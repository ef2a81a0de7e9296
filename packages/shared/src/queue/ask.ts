import type { z } from 'zod';
import { type Outcome, ok, refused } from '../outcome.ts';
import { runStage, STAGES } from '../tracing/stages.ts';
import type { QueueConnection } from './connect.ts';
import { type SealedEnvelope, sealEnvelope } from './envelope.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { type AskBody, parseJson, replyBodySchema } from './messages.ts';
import type { PendingAsks } from './pending.ts';
import { type AskQueueName, QUEUES } from './queues.ts';
import { receiveReplies } from './receive-replies.ts';

/** Why an ask has no answer; all are 503 and safe to retry. */
export type AskRefusal = 'hold_timeout' | 'bad_envelope' | 'unavailable';

/** Asks and waits for the answer; never rejects, never waits longer than its timeout. */
export type Ask<Reply> = (
  body: unknown,
  options?: { timeoutMs?: number },
) => Promise<Outcome<Reply, AskRefusal>>;

/**
 * Makes the asking end of a queue: an ask is tried once; its reply comes on the reply
 * queue of this process and is matched by the nonce of the ask.
 *
 * Codes of an ask:
 * - `hold_timeout`: no authentic reply in time (a forged or late one is as good as none).
 * - `unavailable`: the backend is away, a bound is reached, or the answerer failed; nothing is
 *   known about what it did.
 * - `bad_envelope`: the answerer could not read the ask, or its authentic reply has another
 *   shape: two versions that do not understand each other.
 *
 * @param options.timeoutMs 3,000 unless told; an ask may name its own.
 */
export function createAsker<S extends z.ZodType>(
  connection: QueueConnection,
  queueName: AskQueueName,
  options: { replySchema: S; timeoutMs?: number },
): Ask<z.output<S>> {
  const pending = receiveReplies(connection);
  return async (body, askOptions) => {
    const timeoutMs = Math.min(
      askOptions?.timeoutMs ?? options.timeoutMs ?? QUEUE_LIMITS.askTimeoutMs,
      QUEUE_LIMITS.askTimeoutMaxMs,
    );
    const { metrics } = connection;
    metrics.asks += 1;
    const outcome = await exchange(connection, pending, { queueName, body, timeoutMs });
    const answer = outcome.ok ? readReply(outcome.value, options.replySchema) : outcome;
    if (answer.ok) metrics.answers += 1;
    else if (answer.code === 'hold_timeout') metrics.timeouts += 1;
    else if (answer.code === 'unavailable') metrics.unavailable += 1;
    return answer;
  };
}

/** One ask under way: settles exactly once, by reply, by failure to send, or by the clock. */
function exchange(
  connection: QueueConnection,
  pending: PendingAsks,
  ask: { queueName: AskQueueName; body: unknown; timeoutMs: number },
): Promise<Outcome<string, AskRefusal>> {
  if (pending.size() >= QUEUE_LIMITS.pendingAsksMax) {
    return Promise.resolve(refused('unavailable', 'too many asks wait'));
  }
  const answeredBy = QUEUES[ask.queueName].to;
  const sealed = sealAsk(connection, ask);
  return new Promise((resolve) => {
    const settle = (outcome: Outcome<string, AskRefusal>) => {
      clearTimeout(timer);
      pending.drop(sealed.nonce);
      resolve(outcome);
    };
    const timer = setTimeout(() => settle(refused('hold_timeout')), ask.timeoutMs);
    pending.add(sealed.nonce, { answeredBy, answer: (body) => settle(ok(body)) });
    const message = { queueName: ask.queueName, text: sealed.text, id: sealed.nonce };
    runStage(
      STAGES['queue.send'],
      () => connection.producers.addShared(message),
      () => ({ notes: { queue: ask.queueName } }),
    ).catch((error: unknown) => {
      connection.onFault(error);
      settle(refused('unavailable', 'not sent'));
    });
  });
}

function sealAsk(
  connection: QueueConnection,
  ask: { queueName: AskQueueName; body: unknown; timeoutMs: number },
): SealedEnvelope {
  const body: AskBody = {
    deadlineAt: Date.now() + ask.timeoutMs,
    replicaId: connection.replicaId,
    body: ask.body,
  };
  return sealEnvelope(connection.keys, {
    queue: ask.queueName,
    from: connection.service,
    to: QUEUES[ask.queueName].to,
    inReplyTo: '',
    body,
  });
}

function readReply<S extends z.ZodType>(
  text: string,
  schema: S,
): Outcome<z.output<S>, 'bad_envelope' | 'unavailable'> {
  const reply = replyBodySchema.safeParse(parseJson(text));
  if (!reply.success) return refused('bad_envelope', 'reply has another shape');
  if (!reply.data.ok) return refused(reply.data.code, 'said by the answerer');
  const body = schema.safeParse(reply.data.body);
  if (!body.success) return refused('bad_envelope', 'reply does not match its schema');
  return ok(body.data);
}
