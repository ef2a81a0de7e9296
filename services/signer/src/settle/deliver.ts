import { type AskRefusal, type Outcome, refused } from '@clearinghouse/shared';
import { RUNTIME_LIMITS } from '../limits.ts';

/** Items on their way to billing, each sent until it is answered. */
export type Delivery<Item> = {
  readonly push: (item: Item) => void;
  /** Items without an answer. */
  readonly pending: () => number;
  /** Waits until nothing is pending, at most this long; true when nothing is. */
  readonly drain: (timeoutMs: number) => Promise<boolean>;
  /** Sends nothing more. */
  readonly stop: () => void;
};

export type DeliveryOptions<Item, Result> = {
  /** One result for each item, in order. */
  readonly send: (items: readonly Item[]) => Promise<Outcome<readonly Result[], AskRefusal>>;
  readonly onResult: (item: Item, result: Result) => void;
  /** Told of each failed attempt. */
  readonly onFailure: (code: AskRefusal, attempt: number) => void;
  readonly itemsMax: number;
  readonly inFlightMax: number;
  /** How long a first item waits for company. */
  readonly afterMs: number;
};

type Road<Item> = {
  queue: Item[];
  inFlight: number;
  /** Items of the next message: fewer after one that the other side could not read. */
  size: number;
  failures: number;
  isPaused: boolean;
  isStopped: boolean;
  timer: NodeJS.Timeout | undefined;
};

const DRAIN_POLL_MS = 10;

/**
 * Makes a delivery that never gives an item up: what is not answered goes back to the end of the
 * line, after a pause that grows. The other side must take an item twice without harm.
 */
export function createDelivery<Item, Result>(
  options: DeliveryOptions<Item, Result>,
): Delivery<Item> {
  const { itemsMax, inFlightMax, afterMs } = options;
  const road: Road<Item> = {
    queue: [],
    inFlight: 0,
    size: itemsMax,
    failures: 0,
    isPaused: false,
    isStopped: false,
    timer: undefined,
  };
  const wake = (afterPauseMs: number) => {
    road.timer ??= setTimeout(() => {
      road.timer = undefined;
      road.isPaused = false;
      pump();
    }, afterPauseMs);
  };
  const pump = () => {
    while (!road.isStopped && !road.isPaused && road.inFlight < inFlightMax) {
      if (road.queue.length === 0) return;
      void launch(road.queue.splice(0, road.size));
    }
  };
  const next = () => {
    if (road.queue.length === 0 || road.isPaused || road.isStopped) return;
    if (road.queue.length >= road.size) pump();
    else wake(afterMs);
  };
  const launch = async (batch: Item[]) => {
    road.inFlight += 1;
    const outcome = await sendAll(options, batch);
    road.inFlight -= 1;
    if (outcome.ok) {
      arrive(road, options, batch, outcome.value);
      next();
      return;
    }
    putBack(road, batch, outcome.code);
    options.onFailure(outcome.code, road.failures);
    clearTimeout(road.timer);
    road.timer = undefined;
    if (!road.isStopped) wake(pauseMs(road.failures));
  };
  return {
    push: (item) => {
      road.queue.push(item);
      next();
    },
    pending: () => road.queue.length + road.inFlight * road.size,
    drain: async (timeoutMs) => {
      const until = performance.now() + timeoutMs;
      while (road.queue.length + road.inFlight > 0 && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
      }
      return road.queue.length + road.inFlight === 0;
    },
    stop: () => {
      road.isStopped = true;
      clearTimeout(road.timer);
    },
  };
}

async function sendAll<Item, Result>(
  options: DeliveryOptions<Item, Result>,
  batch: readonly Item[],
): Promise<Outcome<readonly Result[], AskRefusal>> {
  const outcome = await options.send(batch);
  if (!outcome.ok || outcome.value.length === batch.length) return outcome;
  return refused('bad_envelope', 'another number of results');
}

function arrive<Item, Result>(
  road: Road<Item>,
  options: DeliveryOptions<Item, Result>,
  batch: readonly Item[],
  results: readonly Result[],
): void {
  road.failures = 0;
  road.size = Math.min(options.itemsMax, road.size * 2);
  batch.forEach((item, index) => {
    options.onResult(item, results[index] as Result);
  });
}

/** Halved until the one item that the other side cannot read travels alone, behind all others. */
function putBack<Item>(road: Road<Item>, batch: readonly Item[], code: AskRefusal): void {
  road.failures += 1;
  road.isPaused = true;
  road.queue.push(...batch);
  if (code === 'bad_envelope') road.size = Math.max(1, road.size >> 1);
}

function pauseMs(failures: number): number {
  const { retryFirstMs, retryLastMs } = RUNTIME_LIMITS;
  return Math.min(retryLastMs, retryFirstMs * 2 ** Math.min(failures - 1, 16));
}
