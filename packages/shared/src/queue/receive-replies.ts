import type { QueueConnection } from './connect.ts';
import { openEnvelope } from './envelope.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { envelopesOf } from './messages.ts';
import { createPendingAsks, type PendingAsks } from './pending.ts';
import { replyQueueName, SERVICE_NAMES } from './queues.ts';

const inboxes = new WeakMap<QueueConnection, PendingAsks>();

/**
 * The reply queue of this process, opened with its first asker and shared by all: each job on
 * it holds replies. What is not an authentic reply to an ask that still waits is dropped,
 * counted and logged without its content.
 */
export function receiveReplies(connection: QueueConnection): PendingAsks {
  const found = inboxes.get(connection);
  if (found) return found;
  const pending = createPendingAsks();
  inboxes.set(connection, pending);
  const queueName = replyQueueName(connection.service, connection.replicaId);
  connection.startWorker(
    queueName,
    async (job) => {
      for (const text of envelopesOf(job.data)) acceptReply(connection, pending, queueName, text);
    },
    { concurrency: QUEUE_LIMITS.replyJobs, maxStalledCount: 0 },
  );
  keepTouching(connection, queueName);
  return pending;
}

function acceptReply(
  connection: QueueConnection,
  pending: PendingAsks,
  queueName: string,
  text: unknown,
): void {
  const opened = openEnvelope(connection.keys, text, {
    queue: queueName,
    from: SERVICE_NAMES,
    to: connection.service,
    maxAgeMs: QUEUE_LIMITS.askTimeoutMaxMs,
  });
  if (!opened.ok) {
    reject(connection, opened.detail);
    return;
  }
  const { inReplyTo, from, body } = opened.value;
  const ask = pending.take(inReplyTo, from);
  if (ask) ask.answer(body);
  else reject(connection, 'answers no ask that waits');
}

function reject(connection: QueueConnection, reason = 'unknown'): void {
  connection.metrics.rejectedReplies += 1;
  connection.warn('reply dropped', reason);
}

/** Removes the reply queues that dead processes of this service left behind. */
function keepTouching(connection: QueueConnection, queueName: string): void {
  const { transport, producers, service } = connection;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const touch = async () => {
    const stale = await transport.touchReplyQueue(service, queueName, Date.now());
    for (const name of stale) await producers.remove(name);
  };
  const run = async () => {
    const isReady = transport.isReady();
    if (isReady) await touch().catch(connection.onFault);
    if (!closed) plan(isReady ? QUEUE_LIMITS.replyQueueTouchMs : QUEUE_LIMITS.workerRestartMs);
  };
  const plan = (afterMs: number) => {
    timer = setTimeout(() => void run(), afterMs).unref();
  };
  plan(0);
  connection.onClose(() => {
    closed = true;
    clearTimeout(timer);
  });
}
