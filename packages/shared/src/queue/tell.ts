import { type Outcome, ok, refused } from '../outcome.ts';
import type { QueueConnection } from './connect.ts';
import { sealEnvelope } from './envelope.ts';
import { QUEUES, type TellQueueName } from './queues.ts';

/** Hands a message to the queue; `ok` means the queue has it. Never rejects. */
export type Tell = (body: unknown) => Promise<Outcome<undefined, 'unavailable'>>;

/**
 * Makes the telling end of a queue. What is told is kept and tried several times, yet may be
 * lost with the queue itself: nothing may depend on it alone.
 *
 * Codes of a tell: `unavailable` (the backend is away or a bound is reached; tell again later).
 */
export function createTeller(connection: QueueConnection, queueName: TellQueueName): Tell {
  const { to, attempts } = QUEUES[queueName];
  return async (body) => {
    const sealed = sealEnvelope(connection.keys, {
      queue: queueName,
      from: connection.service,
      to,
      inReplyTo: '',
      body,
    });
    const message = { queueName, text: sealed.text, id: sealed.nonce };
    try {
      await connection.producers.addKept(message, attempts);
      return ok(undefined);
    } catch (error) {
      connection.metrics.unavailable += 1;
      connection.onFault(error);
      return refused('unavailable', 'not sent');
    }
  };
}
