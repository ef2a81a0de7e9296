import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CountRequest } from './count-request.ts';

/** What is read when metrics are asked for. */
export type MetricSources = {
  readonly chainAgeMs: () => number;
  readonly openAsks: () => number;
  readonly neededRecords: () => number;
  readonly pendingSettlements: () => number;
};

export type SignerMetrics = {
  readonly registry: Registry;
  readonly count: CountRequest;
  readonly observeHold: (elapsedMs: number, code: string) => void;
  readonly observeJournal: (elapsedMs: number) => void;
};

const LATENCY_BUCKETS_SEC = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10];
const MS_PER_SEC = 1000;
const PAYMENT_PATH = '/generate-live-payment';

/** Makes the counters of a signer; no label has values that a caller chooses. */
export function createSignerMetrics(sources: MetricSources): SignerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const payments = new Counter({
    name: 'signer_payments_total',
    help: 'Answers to payment requests by result code',
    labelNames: ['code'],
    registers,
  });
  const tickets = new Counter({
    name: 'signer_tickets_total',
    help: 'Tickets signed and given out',
    registers,
  });
  const histogram = (name: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name, help, labelNames, buckets: LATENCY_BUCKETS_SEC, registers });
  const answers = histogram('signer_payment_seconds', 'Time to answer a payment request');
  const holds = histogram('signer_hold_seconds', 'Time for a hold to be answered', ['code']);
  const journal = histogram('signer_journal_seconds', 'Time for a record to reach the disk');
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('signer_chain_age_seconds', 'Since the chain was last read', () =>
    Math.min(sources.chainAgeMs() / MS_PER_SEC, Number.MAX_SAFE_INTEGER),
  );
  gauge('signer_open_asks', 'Asks for money that are not finished', sources.openAsks);
  gauge('signer_journal_records', 'Journal records not settled yet', sources.neededRecords);
  gauge('signer_settlements_pending', 'Settlements in memory', sources.pendingSettlements);
  return {
    registry,
    count: ({ path, code, tickets: count, elapsedMs }) => {
      if (path !== PAYMENT_PATH) return;
      payments.inc({ code });
      if (count > 0) tickets.inc(count);
      answers.observe(elapsedMs / MS_PER_SEC);
    },
    observeHold: (elapsedMs, code) => holds.observe({ code }, elapsedMs / MS_PER_SEC),
    observeJournal: (elapsedMs) => journal.observe(elapsedMs / MS_PER_SEC),
  };
}
