import { ServiceError } from '../errors/service-error.ts';

/** Collects items of many callers into batches. */
export type Batcher<Item, Result> = {
  /**
   * The item's own result. Rejects with what `send` threw for its batch, or with a
   * `ServiceError` `unavailable` when too many items wait or the batcher is closed.
   */
  readonly add: (item: Item) => Promise<Result>;
  /** Items that wait for a batch. */
  readonly waiting: () => number;
  /** Takes nothing more; resolves when all that was taken is done. */
  readonly close: () => Promise<void>;
};

export type BatcherOptions<Item, Result> = {
  readonly maxItems: number;
  /** Longest wait for company while other batches are under way; 0 takes a free slot at once. */
  readonly maxWaitMs: number;
  /** Batches under way at once. */
  readonly maxInFlight: number;
  /** Items that may wait for a batch. */
  readonly maxWaiting?: number;
  /** One result for each item, in the order of the items. */
  readonly send: (items: readonly Item[]) => Promise<readonly Result[]>;
};

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

/** Items that may wait, in full batches. */
const MAX_WAITING_BATCHES = 40;

/**
 * Makes a batcher. An item that comes while nothing is under way is sent at once, together with
 * those added in the same callback: a lone caller waits for nobody. While batches are under way
 * items collect: up to `maxWaitMs`, until a batch is full, or until none is under way any more. A
 * batch that fails fails its own items only.
 *
 * @example const batcher = createBatcher({ maxItems: 500, maxWaitMs: 2, maxInFlight: 2, send });
 *   const answer = await batcher.add(hold);
 */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  const { maxItems, maxWaitMs, maxInFlight, send } = options;
  const maxWaiting = options.maxWaiting ?? maxItems * MAX_WAITING_BATCHES;
  let queue: Waiting<Item, Result>[] = [];
  let inFlight = 0;
  let turnPlanned = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let onIdle: (() => void) | undefined;

  const launch = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const batch = queue.slice(0, maxItems);
    queue = queue.slice(maxItems);
    inFlight += 1;
    void sendBatch(batch, send).then(() => {
      inFlight -= 1;
      sendReady();
      if (queue.length === 0 && inFlight === 0) onIdle?.();
    });
  };
  const onTimer = () => {
    timer = undefined;
    if (queue.length > 0 && inFlight < maxInFlight) launch();
  };
  const sendReady = () => {
    while (queue.length > 0 && inFlight < maxInFlight) {
      const mayGo = inFlight === 0 || maxWaitMs === 0 || queue.length >= maxItems;
      if (!mayGo) break;
      launch();
    }
    if (queue.length > 0 && inFlight < maxInFlight) timer ??= setTimeout(onTimer, maxWaitMs);
  };
  const onTurn = () => {
    turnPlanned = false;
    sendReady();
  };
  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        if (closed || queue.length >= maxWaiting) {
          reject(new ServiceError('unavailable', { detail: closed ? 'closed' : 'too many wait' }));
          return;
        }
        queue.push({ item, resolve, reject });
        if (turnPlanned) return;
        turnPlanned = true;
        queueMicrotask(onTurn);
      }),
    waiting: () => queue.length,
    close: () => {
      closed = true;
      if (queue.length === 0 && inFlight === 0) return Promise.resolve();
      return new Promise((resolve) => {
        onIdle = resolve;
      });
    },
  };
}

async function sendBatch<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  send: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<void> {
  try {
    const results = await send(batch.map((entry) => entry.item));
    if (results.length !== batch.length) {
      throw new Error(`a batch of ${batch.length} got ${results.length} results`);
    }
    batch.forEach((entry, index) => {
      entry.resolve(results[index] as Result);
    });
  } catch (error) {
    for (const entry of batch) entry.reject(error);
  }
}
