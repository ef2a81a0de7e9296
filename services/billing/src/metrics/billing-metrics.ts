import {
  createRegistry,
  gaugeQueue,
  type HoldAnswerWire,
  latencyHistogram,
  type QueueMetrics,
  type ReleaseResult,
  readGauge,
  type SettleResult,
} from '@clearinghouse/shared';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { BookGauges } from './read-gauges.ts';

/** What is read when metrics are asked for. */
export type MetricSources = {
  readonly readGauges: () => Promise<BookGauges>;
  readonly queue: QueueMetrics;
};

export type BillingMetrics = {
  readonly registry: Registry;
  readonly observeHolds: (elapsedMs: number, answers: readonly HoldAnswerWire[]) => void;
  readonly observeSettlements: (elapsedMs: number, results: readonly SettleResult[]) => void;
  /** A ticket was redeemed: who signed it. */
  readonly countRedemption: (kind: string) => void;
  readonly observeReleases: (results: readonly ReleaseResult[]) => void;
};

const MS_PER_SEC = 1000;
/** The gauges of one scrape come from one reading of the books. */
const READING_KEPT_MS = 1_000;

/** Makes the counters of billing; labels are codes and kinds, never an app or a user. */
export function createBillingMetrics(sources: MetricSources): BillingMetrics {
  const registry = createRegistry();
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name, help, labelNames: [label], registers: [registry] });
  const holds = counter('billing_holds_total', 'Holds asked for, by result code', 'code');
  const settlements = counter('billing_settlements_total', 'Settlements, by result', 'result');
  const releases = counter('billing_releases_total', 'Releases, by result', 'result');
  const redemptions = counter(
    'billing_redemptions_total',
    'Tickets redeemed on the chain, by who signed them',
    'kind',
  );
  const holdTime = latencyHistogram(registry, {
    name: 'billing_hold_seconds',
    help: 'Time to answer one request for holds',
  });
  const settleTime = latencyHistogram(registry, {
    name: 'billing_settlement_seconds',
    help: 'Time to settle one request',
  });
  readBooks(registry, sources);
  return {
    registry,
    observeHolds: (elapsedMs, answers) => {
      holdTime.observe(elapsedMs / MS_PER_SEC);
      for (const answer of answers) holds.inc({ code: holdCode(answer) });
    },
    observeSettlements: (elapsedMs, results) => {
      settleTime.observe(elapsedMs / MS_PER_SEC);
      for (const result of results) settlements.inc({ result });
    },
    countRedemption: (kind) => redemptions.inc({ kind }),
    observeReleases: (results) => {
      for (const result of results) releases.inc({ result });
    },
  };
}

function holdCode(answer: HoldAnswerWire): string {
  if (!answer.ok) return answer.code;
  return answer.replayed ? 'replayed' : 'granted';
}

function readBooks(registry: Registry, sources: MetricSources): void {
  let reading: { at: number; gauges: Promise<BookGauges> } | undefined;
  const read = () => {
    const now = performance.now();
    if (!reading || now - reading.at > READING_KEPT_MS) {
      reading = { at: now, gauges: sources.readGauges() };
    }
    return reading.gauges;
  };
  const gauge = (name: string, help: string, pick: (gauges: BookGauges) => number | undefined) =>
    readGauge(registry, { name, help }, async () => pick(await read()));
  gauge('billing_open_holds', 'Holds that are open', (now) => now.openHolds);
  gauge(
    'billing_disputed_holds',
    'Holds of silent signers, money kept',
    (now) => now.disputedHolds,
  );
  gauge('billing_outbox_pending', 'Notices not delivered yet', (now) => now.outboxPending);
  gauge('billing_price_age_seconds', 'Age of the price of ether', (now) => now.priceAgeSec);
  new Gauge({
    name: 'billing_alarms',
    help: 'Alarms that nobody has cleared, by kind',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      const gauges = await read().catch(() => undefined);
      this.reset();
      for (const [kind, times] of Object.entries(gauges?.alarms ?? {})) this.set({ kind }, times);
    },
  });
  gaugeQueue(registry, 'billing', sources.queue);
}
