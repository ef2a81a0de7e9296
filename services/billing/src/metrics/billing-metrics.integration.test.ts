import { createQueueMetrics } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { raiseAlarms } from '../alarms/raise-alarms.ts';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import { type Books, openBooks } from '../testing/open-books.ts';
import { createBillingMetrics } from './billing-metrics.ts';
import { measureOperations } from './measure-operations.ts';
import { readGauges } from './read-gauges.ts';

describe('metrics of billing', () => {
  let books: Books;
  beforeAll(async () => {
    books = await openBooks();
  });
  afterAll(() => books.close());

  const sample = (text: string, name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);

  it('count what was answered, by code, and read the books', async () => {
    const queue = { ...createQueueMetrics(), timeouts: 4 };
    const metrics = createBillingMetrics({ readGauges: () => readGauges(books.sql), queue });
    const operations = measureOperations(
      {
        requestHolds: async () => books.hold(items),
        settleHolds: async () => ['settled', 'already'],
        releaseHolds: async () => ['released'],
        recordWatermark: async () => undefined,
        readPrice: async () => ({ price: null }),
        takeChainStep: async () => ({ accepted: true, cursor: null, checkpoints: [], senders: [] }),
      },
      metrics,
    );
    const appId = `app_${randomHex(12)}`;
    await books.openApp(appId, 10n);
    const held = makeHoldItem({ appId });
    const items = [held, makeHoldItem({ appId, feeWei: 10n ** 30n })];
    await raiseAlarms(books.sql, [{ kind: 'uncollected', subject: appId, detail: {} }]);
    await operations.requestHolds({ replicaId: 'a', items: [], deadlineAtMs: 0 });
    await operations.settleHolds([]);
    await operations.releaseHolds([]);
    const text = await metrics.registry.metrics();
    expect(sample(text, 'billing_holds_total{code="granted"}')).toBe(1);
    expect(sample(text, 'billing_holds_total{code="insufficient_balance"}')).toBe(1);
    expect(sample(text, 'billing_settlements_total{result="already"}')).toBe(1);
    expect(sample(text, 'billing_releases_total{result="released"}')).toBe(1);
    expect(sample(text, 'billing_open_holds')).toBe(1);
    expect(sample(text, 'billing_alarms{kind="uncollected"}')).toBe(1);
    expect(sample(text, 'billing_price_age_seconds')).toBeGreaterThanOrEqual(0);
    expect(sample(text, 'billing_queue_timeouts')).toBe(4);
    expect(text).not.toContain(appId);
  });

  it('a database that is away leaves the gauges out, and the counters in', async () => {
    const away = () => Promise.reject(new Error('away'));
    const queue = createQueueMetrics();
    const metrics = createBillingMetrics({ readGauges: away, queue });
    metrics.observeReleases(['released']);
    const text = await metrics.registry.metrics();
    expect(text).not.toMatch(/^billing_open_holds /m);
    expect(sample(text, 'billing_releases_total{result="released"}')).toBe(1);
  });
});
