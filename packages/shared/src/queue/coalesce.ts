/** Collects items of many callers into batches. */
export type Batcher<Item, Result> = {
  /** The item's own result; rejects when its batch fails or the batcher is full or closed. */
  readonly add: (item: Item) => Promise<Result>;
  /** Items that wait for a batch. */
  readonly waiting: () => number;
  /** Takes nothing more; resolves when every batch under way is done. */
  readonly close: () => Promise<void>;
};

export type BatcherOptions<Item, Result> = {
  readonly maxItems: number;
  /** Longest wait for company while other batches are under way; 0 sends as soon as a slot is free. */
  readonly maxWaitMs: number;
  readonly maxInFlight: number;
  /** Items that may wait; above it `add` rejects with `unavailable`. */
  readonly maxWaiting?: number;
  /** One result for each item, in the order of the items. */
  readonly send: (items: readonly Item[]) => Promise<readonly Result[]>;
};

export function createBatcher<Item, Result>(
  _options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  throw new Error('under construction');
}
