import type { z } from 'zod';
import type { QueueConnection } from './connect.ts';
import type { ServiceName, TellQueueName } from './queues.ts';

export type MessageMeta = { readonly from: ServiceName; readonly issuedAtMs: number };
export type Listening = { readonly close: () => Promise<void> };

export function listenQueue<S extends z.ZodType>(
  _connection: QueueConnection,
  _queueName: TellQueueName,
  _options: {
    schema: S;
    handle: (body: z.output<S>, meta: MessageMeta) => Promise<unknown>;
    concurrency?: number;
  },
): Listening {
  throw new Error('under construction');
}
