import type { Outcome } from '../outcome.ts';
import type { QueueConnection } from './connect.ts';
import type { TellQueueName } from './queues.ts';

/** Hands a message to the queue; `ok` means the queue has it. Never rejects. */
export type Tell = (body: unknown) => Promise<Outcome<undefined, 'unavailable'>>;

export function createTeller(_connection: QueueConnection, _queueName: TellQueueName): Tell {
  throw new Error('under construction');
}
