import { type Processor, Worker, type WorkerOptions } from 'bullmq';
import { QUEUE_LIMITS } from './limits.ts';
import type { OnFault, Transport } from './transport.ts';

type Stoppable = Pick<Worker, 'close'> & {
  readonly getBackend: () => { readonly close: (force: boolean) => Promise<void> };
};

/** A worker that is there until closed. */
export type KeptWorker = { readonly close: () => Promise<void> };

/**
 * Runs a BullMQ worker and starts it anew when it could not start, for instance because the
 * backend was not there yet. Once started it looks after itself.
 */
export function keepWorker(
  transport: Transport,
  input: {
    queueName: string;
    processor: Processor;
    options: Partial<WorkerOptions>;
    onFault: OnFault;
    onFailed?: (attemptsMade: number, attemptsMax: number) => void;
  },
): KeptWorker {
  let current: Stoppable | undefined;
  let restart: NodeJS.Timeout | undefined;
  let closed = false;
  const start = () => {
    const worker = new Worker(
      input.queueName,
      input.processor,
      {
        runRetryDelay: QUEUE_LIMITS.workerRestartMs,
        ...input.options,
        connection: transport.workerConnection,
        prefix: transport.prefix,
      },
      transport.factory,
    );
    worker.on('error', input.onFault);
    worker.on('failed', (job) => {
      if (job) input.onFailed?.(job.attemptsMade, job.opts.attempts ?? 1);
    });
    current = worker;
    worker.waitUntilReady().catch((error: unknown) => {
      input.onFault(error);
      if (closed) return;
      void closeWorker(worker, false);
      restart = setTimeout(start, QUEUE_LIMITS.workerRestartMs);
    });
  };
  start();
  return {
    close: async () => {
      closed = true;
      clearTimeout(restart);
      if (current) await closeWorker(current, transport.isReady());
    },
  };
}

/**
 * Lets jobs under way finish while the backend is there, within a bound. When it is away a
 * graceful close would wait for it, so the connections are simply dropped.
 */
async function closeWorker(worker: Stoppable, isReady: boolean): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), QUEUE_LIMITS.closeTimeoutMs);
  });
  const closing = worker.close(!isReady).catch(() => undefined);
  const result = await Promise.race([closing, late]);
  clearTimeout(timer);
  if (result === 'late') void worker.getBackend().close(true);
}
