import {
  type Batcher,
  createBatcher,
  type HoldAnswerWire,
  type Logger,
  runStage,
  STAGES,
} from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { toRefusalWire } from './grant-answer.ts';
import type { HoldAsk } from './hold-book.ts';
import { parseHoldItem } from './parse-hold-item.ts';

/** One request of a signer, its items not yet parsed. */
export type HoldRequest = {
  readonly replicaId: string;
  readonly items: readonly unknown[];
  /** Wall clock, milliseconds: nobody awaits an answer after this, so nothing is held. */
  readonly deadlineAtMs: number;
  /** Where each item stands in its trace. */
  readonly traces?: readonly string[] | undefined;
};

/** Answers hold requests, many of them in one transaction. */
export type HoldCoalescer = {
  readonly request: (request: HoldRequest) => Promise<HoldAnswerWire[]>;
  /** Takes nothing more; resolves when every batch under way is answered. */
  readonly close: () => Promise<void>;
};

export type HoldCoalescerOptions = {
  readonly createHolds: (asks: readonly HoldAsk[]) => Promise<readonly HoldAnswerWire[]>;
  /** The accounts are divided among them, so that a batch of one waits for no other's lock. */
  readonly shards: number;
  readonly nowMs: () => number;
  readonly log: Logger;
};

type Waiting = {
  readonly ask: HoldAsk;
  readonly deadlineAtMs: number;
  readonly trace: string | undefined;
};

/**
 * Collects the holds of all signers. Those of one app always go to the same shard, which has
 * two batches in flight: one is made while the database writes the other. An item that is
 * malformed, late or whose batch failed gets its own refusal and touches no other.
 */
export function coalesceHolds(options: HoldCoalescerOptions): HoldCoalescer {
  const shards = Array.from({ length: options.shards }, () =>
    createBatcher<Waiting, HoldAnswerWire>({
      maxItems: LIMITS.holdBatchMax,
      maxWaitMs: 0,
      maxInFlight: LIMITS.holdBatchesInFlight,
      maxWaiting: LIMITS.holdsWaitingMax,
      send: (waiting) => sendBatch(options, waiting),
    }),
  );
  return {
    request: ({ replicaId, items, deadlineAtMs, traces }) =>
      Promise.all(
        items.map(async (raw, index) => {
          const item = parseHoldItem(raw);
          if (!item) return toRefusalWire('invalid_request');
          const shard = shards[shardOf(item.principal.appId, shards.length)] as (typeof shards)[0];
          const ask = { replicaId, item };
          return await add(options, shard, { ask, deadlineAtMs, trace: traces?.[index] });
        }),
      ),
    close: async () => {
      await Promise.all(shards.map((shard) => shard.close()));
    },
  };
}

async function add(
  options: HoldCoalescerOptions,
  shard: Batcher<Waiting, HoldAnswerWire>,
  waiting: Waiting,
): Promise<HoldAnswerWire> {
  try {
    return await shard.add(waiting);
  } catch (error) {
    options.log.error({ err: error, askNo: waiting.ask.item.askNo }, 'a hold was not decided');
    return toRefusalWire('unavailable');
  }
}

async function sendBatch(
  options: HoldCoalescerOptions,
  waiting: readonly Waiting[],
): Promise<HoldAnswerWire[]> {
  const nowMs = options.nowMs();
  const live = waiting.filter(({ deadlineAtMs }) => deadlineAtMs > nowMs);
  if (live.length === 0) return waiting.map(() => toRefusalWire('unavailable'));
  const answers = await runStage(
    STAGES['billing.hold'],
    () => options.createHolds(live.map(({ ask }) => ask)),
    () => ({
      parents: live.map(({ trace }) => trace),
      notes: { 'clearinghouse.items': live.length },
    }),
  );
  const byWaiting = new Map(live.map((one, index) => [one, answers[index]]));
  return waiting.map((one) => byWaiting.get(one) ?? toRefusalWire('unavailable'));
}

/** FNV-1a: stable across processes and restarts, spread evenly, cheap. */
function shardOf(appId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < appId.length; index += 1) {
    hash = Math.imul(hash ^ appId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
