import type { z } from 'zod';
import type { Outcome } from '../outcome.ts';
import type { QueueConnection } from './connect.ts';
import type { AskQueueName } from './queues.ts';

/** Why an ask has no answer; all are 503 and safe to retry. */
export type AskRefusal = 'hold_timeout' | 'bad_envelope' | 'unavailable';

/** Asks and waits for the answer; never rejects, never waits longer than its timeout. */
export type Ask<Reply> = (
  body: unknown,
  options?: { timeoutMs?: number },
) => Promise<Outcome<Reply, AskRefusal>>;

export function createAsker<S extends z.ZodType>(
  _connection: QueueConnection,
  _queueName: AskQueueName,
  _options: { replySchema: S; timeoutMs?: number },
): Ask<z.output<S>> {
  throw new Error('under construction');
}
