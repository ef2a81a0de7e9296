import { type Logger, runStage, type SettleResult, STAGES } from '@clearinghouse/shared';
import type { OpenAsks } from '../holds/open-asks.ts';
import { readSettlement, type Settlement } from '../journal/journal-record.ts';
import type { KeepUnresolved } from '../journal/keep-unresolved.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { RecordPlace } from '../journal/segment-writer.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import type { Delivery } from './deliver.ts';
import { isAcknowledged, type PendingSettlement } from './settle-payments.ts';

/** Settles what this process has journaled. */
export type SettleKept = {
  /** @param trace of the payment, as `traceparent`, where it is traced. */
  readonly add: (place: RecordPlace, settlement: Settlement, trace?: string) => void;
  /** Kept payments that are not in memory and will be read again. */
  readonly spilled: () => number;
};

export type SettleKeptDeps = {
  readonly settlements: Delivery<PendingSettlement>;
  readonly journal: Pick<Journal, 'acknowledge' | 'readFrom'>;
  readonly asks: Pick<OpenAsks, 'close'>;
  readonly keepUnresolved: KeepUnresolved;
  readonly log: Logger;
  /** Settlements held in memory; those beyond it are read again from the journal. */
  readonly pendingMax?: number;
};

/** Consecutive records of one segment. */
type Range = { readonly segment: number; readonly from: number; until: number; count: number };

const REREAD_PAUSE_MS = 1_000;

/**
 * Makes the settler of own payments. Its memory is bounded: above `pendingMax` only the place of
 * a record is remembered, a range a segment, and the record is read again when there is room.
 */
export function createSettleKept(deps: SettleKeptDeps): SettleKept {
  const pendingMax = deps.pendingMax ?? RUNTIME_LIMITS.pendingMax;
  const ranges: Range[] = [];
  let isReading = false;

  const finish = async (place: RecordPlace, settlement: Settlement, result: SettleResult) => {
    // A record that could not be set aside stays in the journal: whoever adopts it tries again.
    if (isAcknowledged(result) || (await setAside(deps, place, settlement, result))) {
      runStage(STAGES['signer.acknowledge'], () => deps.journal.acknowledge(place));
    }
    deps.asks.close(settlement.askNo);
    void refill();
  };
  const push = (place: RecordPlace, settlement: Settlement, trace?: string) => {
    const onResult = (result: SettleResult) => void finish(place, settlement, result);
    deps.settlements.push({ item: settlement.item, trace, onResult });
  };
  const refill = async () => {
    if (isReading || ranges.length === 0) return;
    if (deps.settlements.pending() > pendingMax / 2) return;
    const range = ranges.shift();
    if (range === undefined) return;
    isReading = true;
    try {
      const { segment, from, until } = range;
      const records = await deps.journal.readFrom({ segment, offset: from });
      for (const { place, payload } of records) {
        const settlement = place.offset <= until ? readSettlement(payload) : undefined;
        if (settlement) push(place, settlement);
      }
    } catch (err) {
      deps.log.error({ alarm: 'journal_unreadable', err }, 'the own journal cannot be read');
      ranges.unshift(range);
      setTimeout(() => void refill(), REREAD_PAUSE_MS).unref();
    } finally {
      isReading = false;
    }
  };
  return {
    add: (place, settlement, trace) => {
      const isFull = ranges.length > 0 || deps.settlements.pending() >= pendingMax;
      if (isFull) spill(ranges, place);
      else push(place, settlement, trace);
    },
    spilled: () => ranges.reduce((sum, { count }) => sum + count, 0),
  };
}

function spill(ranges: Range[], { segment, offset }: RecordPlace): void {
  const last = ranges.at(-1);
  if (last?.segment !== segment) {
    ranges.push({ segment, from: offset, until: offset, count: 1 });
    return;
  }
  last.until = offset;
  last.count += 1;
}

async function setAside(
  deps: SettleKeptDeps,
  place: RecordPlace,
  { askNo, item }: Settlement,
  result: SettleResult,
): Promise<boolean> {
  const { holdId } = item;
  deps.log.error(
    { alarm: 'settlement_refused', holdId, askNo, result },
    'billing cannot settle a signed payment; its record is kept as unresolved',
  );
  try {
    const [record] = await deps.journal.readFrom(place);
    if (record?.place.offset === place.offset) return await deps.keepUnresolved(record.payload);
  } catch (err) {
    deps.log.error({ alarm: 'journal_unreadable', err }, 'the own journal cannot be read');
  }
  return false;
}
