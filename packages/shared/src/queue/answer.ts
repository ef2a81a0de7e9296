import type { z } from 'zod';
import type { QueueConnection } from './connect.ts';
import type { AskQueueName, ServiceName } from './queues.ts';

/** What the answerer knows of a request besides its body. */
export type RequestMeta = {
  readonly from: ServiceName;
  readonly replicaId: string;
  /** Wall clock, milliseconds: an answer after this is not awaited any more. */
  readonly deadlineAtMs: number;
};

export type Answering = { readonly close: () => Promise<void> };

export function answerQueue<S extends z.ZodType>(
  _connection: QueueConnection,
  _queueName: AskQueueName,
  _options: {
    requestSchema: S;
    handle: (body: z.output<S>, meta: RequestMeta) => Promise<unknown>;
    concurrency?: number;
  },
): Answering {
  throw new Error('under construction');
}
