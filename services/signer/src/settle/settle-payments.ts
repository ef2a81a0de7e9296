import {
  type Ask,
  type AskRefusal,
  carryTraces,
  currentTrace,
  type Logger,
  type Outcome,
  ok,
  runStage,
  type SettleResult,
  STAGES,
  type settleReplySchema,
} from '@clearinghouse/shared';
import type { z } from 'zod';
import type { SettleItemWire } from '../journal/journal-record.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import { createDelivery, type Delivery } from './deliver.ts';

/** A signed payment whose settlement billing must acknowledge. */
export type PendingSettlement = {
  readonly item: SettleItemWire;
  /** `traceparent` of its payment, where that is traced. */
  readonly trace?: string | undefined;
  readonly onResult: (result: SettleResult) => void;
};

export type SettlePaymentsDeps = {
  readonly askSettle: Ask<z.output<typeof settleReplySchema>>;
  readonly replicaId: string;
  readonly log: Logger;
};

const ITEMS_MAX = 500;

/** Makes the way of settlements to billing: up to 500 a message, each until it is answered. */
export function createSettlements(deps: SettlePaymentsDeps): Delivery<PendingSettlement> {
  return createDelivery<PendingSettlement, SettleResult>({
    itemsMax: ITEMS_MAX,
    inFlightMax: RUNTIME_LIMITS.settleBatchesMax,
    afterMs: RUNTIME_LIMITS.settleAfterMs,
    send: (pending) =>
      runStage(
        STAGES['signer.settle'],
        () => ask(deps, pending),
        () => traceOf(pending),
      ),
    onResult: ({ onResult }, result) => onResult(result),
    onFailure: (code, attempt) => {
      deps.log.warn({ code, attempt }, 'settlements are not acknowledged yet');
    },
  });
}

async function ask(
  { askSettle, replicaId }: SettlePaymentsDeps,
  pending: readonly PendingSettlement[],
): Promise<Outcome<readonly SettleResult[], AskRefusal>> {
  const items = pending.map(({ item }) => item);
  const outcome = await askSettle({ replicaId, items, ...carryTraces([currentTrace()]) });
  return outcome.ok ? ok(outcome.value.results) : outcome;
}

/** Part of the trace of its first payment, and linked to them all. */
function traceOf(pending: readonly PendingSettlement[]) {
  const links = pending.flatMap(({ trace }) => trace ?? []);
  const notes = { 'clearinghouse.items': pending.length };
  return { parents: links.slice(0, 1), links, notes };
}

/** True for the results after which a record is not needed any more. */
export function isAcknowledged(result: SettleResult): boolean {
  return result === 'settled' || result === 'already' || result === 'late';
}

/** Settles these and waits for all their results, however long that takes. */
export function settleAll(
  settlements: Pick<Delivery<PendingSettlement>, 'push'>,
  items: readonly SettleItemWire[],
): Promise<readonly SettleResult[]> {
  return Promise.all(
    items.map(
      (item) => new Promise<SettleResult>((onResult) => settlements.push({ item, onResult })),
    ),
  );
}
