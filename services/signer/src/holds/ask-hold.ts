import {
  type Ask,
  type AskRefusal,
  type Clock,
  carryTraces,
  createBatcher,
  currentTrace,
  type HoldAnswer,
  type HoldItemWire,
  type holdReplySchema,
  ServiceError,
} from '@clearinghouse/shared';
import type { z } from 'zod';
import { RUNTIME_LIMITS } from '../limits.ts';

/** Billing's answer to one ask, or why there is none. */
export type HoldReply = HoldAnswer | { readonly ok: false; readonly code: AskRefusal };

export type HoldAsker = {
  /** Asks for the money of one payment; never rejects. */
  readonly ask: (item: HoldItemWire) => Promise<HoldReply>;
  /** Takes nothing more; resolves when all is answered. */
  readonly close: () => Promise<void>;
};

export type HoldAskerDeps = {
  readonly askHolds: Ask<z.output<typeof holdReplySchema>>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly replicaId: string;
};

type Waiting = {
  readonly item: HoldItemWire;
  readonly sinceMs: number;
  readonly trace: string | undefined;
};

const BATCH_ITEMS_MAX = 500;

/**
 * Makes the asker for holds: many payments in one message, each with its own answer.
 *
 * Codes besides billing's refusals: `hold_timeout` (no answer in `holdTimeoutMs`, or no place in
 * a message for `holdWaitMs`), `unavailable` (the queue is away or too much waits), `bad_envelope`
 * (an answer that is not one for these asks).
 */
export function createHoldAsker(deps: HoldAskerDeps): HoldAsker {
  const { monotonicMs } = deps.clock;
  const batcher = createBatcher<Waiting, HoldReply>({
    maxItems: BATCH_ITEMS_MAX,
    maxWaitMs: RUNTIME_LIMITS.holdBatchWaitMs,
    maxInFlight: RUNTIME_LIMITS.holdBatchesMax,
    send: (waiting) => sendBatch(deps, waiting),
  });
  return {
    ask: async (item) => {
      try {
        return await batcher.add({ item, sinceMs: monotonicMs(), trace: currentTrace() });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return { ok: false, code: 'unavailable' };
      }
    },
    close: batcher.close,
  };
}

async function sendBatch(
  deps: HoldAskerDeps,
  waiting: readonly Waiting[],
): Promise<readonly HoldReply[]> {
  const oldestMs = deps.clock.monotonicMs() - RUNTIME_LIMITS.holdWaitMs;
  const live = waiting.filter(({ sinceMs }) => sinceMs > oldestMs);
  if (live.length === 0) return waiting.map(() => ({ ok: false, code: 'hold_timeout' }));
  const items = live.map(({ item }) => item);
  const traces = carryTraces(live.map(({ trace }) => trace));
  const outcome = await deps.askHolds({ replicaId: deps.replicaId, items, ...traces });
  const replies = new Map(live.map((one, index) => [one, replyTo(outcome, index, live.length)]));
  return waiting.map((one) => replies.get(one) ?? { ok: false, code: 'hold_timeout' });
}

function replyTo(
  outcome: Awaited<ReturnType<HoldAskerDeps['askHolds']>>,
  index: number,
  count: number,
): HoldReply {
  if (!outcome.ok) return { ok: false, code: outcome.code };
  const { answers } = outcome.value;
  const answer = answers.length === count ? answers[index] : undefined;
  return answer ?? { ok: false, code: 'bad_envelope' };
}
