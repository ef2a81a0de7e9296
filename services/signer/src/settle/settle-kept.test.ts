import { createLog, type SettleResult } from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import { createOpenAsks, type OpenAsks } from '../holds/open-asks.ts';
import { readSettlement } from '../journal/journal-record.ts';
import type { PlacedRecord } from '../journal/open-journal.ts';
import type { RecordPlace } from '../journal/segment-writer.ts';
import { makePayload } from '../testing/payment-records.ts';
import { createSettleKept, type SettleKept } from './settle-kept.ts';
import type { PendingSettlement } from './settle-payments.ts';

const log = createLog({ service: 'test', level: 'silent' });
const PER_SEGMENT = 10;

let asks: OpenAsks;
let pending: PendingSettlement[];
let acknowledged: RecordPlace[];
let unresolved: Uint8Array[];
let canSetAside: boolean;
let stored: PlacedRecord[];
let reads: number;
let settleKept: SettleKept;

beforeEach(() => {
  asks = createOpenAsks();
  pending = [];
  acknowledged = [];
  unresolved = [];
  canSetAside = true;
  stored = [];
  reads = 0;
  settleKept = createSettleKept({
    settlements: {
      push: (entry) => void pending.push(entry),
      pending: () => pending.length,
      drain: async () => true,
      stop: () => undefined,
    },
    journal: {
      acknowledge: (place) => void acknowledged.push(place),
      readFrom: async ({ segment, offset }) => {
        reads += 1;
        return stored.filter(({ place }) => place.segment === segment && place.offset >= offset);
      },
    },
    asks,
    keepUnresolved: async (payload) => {
      if (canSetAside) unresolved.push(payload);
      return canSetAside;
    },
    log,
    pendingMax: 4,
  });
});

/** Journals and adds one payment. */
function add(): RecordPlace {
  const askNo = asks.open();
  const payload = makePayload(askNo);
  const place = { segment: Math.ceil(askNo / PER_SEGMENT), offset: askNo };
  stored.push({ place, payload });
  const settlement = readSettlement(payload);
  if (settlement) settleKept.add(place, settlement);
  return place;
}

/** Answers the oldest settlement. */
async function answer(result: SettleResult = 'settled'): Promise<string | undefined> {
  const entry = pending.shift();
  entry?.onResult(result);
  await new Promise((resolve) => setImmediate(resolve));
  return entry?.item.holdId;
}

describe('a settlement', () => {
  test.each(['settled', 'already', 'late'] as const)('%s: the ask is closed', async (result) => {
    const place = add();
    await answer(result);
    expect(acknowledged).toEqual([place]);
    expect(asks.closedUpTo()).toBe(1);
    expect(unresolved).toEqual([]);
  });

  test.each(['unknown', 'mismatch'] as const)('%s: the record is kept for ever', async (result) => {
    const place = add();
    await answer(result);
    expect(unresolved).toEqual([stored[0]?.payload]);
    expect(acknowledged).toEqual([place]);
    expect(asks.closedUpTo()).toBe(1);
  });

  test('refused, and its record cannot be set aside: the journal keeps it', async () => {
    add();
    canSetAside = false;
    await answer('unknown');
    expect(acknowledged).toEqual([]);
    expect(asks.closedUpTo()).toBe(1);
  });

  test('refused, and its record cannot be found: nothing is let go', async () => {
    add();
    stored.length = 0;
    await answer('unknown');
    expect(acknowledged).toEqual([]);
    expect(asks.closedUpTo()).toBe(1);
  });
});

describe('bounded memory', () => {
  test('what is beyond it is read again, once each, and nothing is lost', async () => {
    const places = Array.from({ length: 35 }, add);
    expect(pending).toHaveLength(4);
    expect(settleKept.spilled()).toBe(31);
    const settled = new Set<string | undefined>();
    let most = 0;
    for (let count = 0; count < 200 && asks.size() > 0; count += 1) {
      most = Math.max(most, pending.length);
      const holdId = await answer();
      expect(settled.has(holdId)).toBe(false);
      if (holdId !== undefined) settled.add(holdId);
      if (count % 5 === 0 && places.length < 60) places.push(add());
    }
    expect(asks.closedUpTo()).toBe(places.length);
    expect(new Set(acknowledged.map(({ offset }) => offset)).size).toBe(places.length);
    expect(acknowledged).toHaveLength(places.length);
    expect(settleKept.spilled()).toBe(0);
    expect(most).toBeLessThanOrEqual(4 + PER_SEGMENT);
  });

  test('a journal that cannot be read now is read later', async () => {
    Array.from({ length: 6 }, add);
    const good = [...stored];
    stored.length = 0;
    Object.defineProperty(stored, 'filter', {
      configurable: true,
      value: () => {
        throw new Error('input/output error');
      },
    });
    for (let count = 0; count < 4; count += 1) await answer();
    expect(settleKept.spilled()).toBe(2);
    Object.defineProperty(stored, 'filter', { value: Array.prototype.filter });
    stored.push(...good);
    await expect.poll(() => pending.length).toBe(2);
    expect(reads).toBeGreaterThan(1);
  });
});
