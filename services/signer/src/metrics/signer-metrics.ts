import {
  createRegistry,
  gaugeQueue,
  latencyHistogram,
  type QueueMetrics,
  readGauge,
} from '@clearinghouse/shared';
import { Counter, type Registry } from 'prom-client';
import type { ChainSnapshot } from '../payments/plan.ts';
import { expectedValue } from '../tickets/expected-value.ts';
import type { TicketBatch } from '../tickets/ticket.ts';
import type { WatchStatus } from '../watch/watch-chain.ts';
import type { CountRequest } from './count-request.ts';
import { createTicketRisk } from './ticket-risk.ts';
import { weiToGwei } from './wei-to-gwei.ts';

/** What is read when metrics are asked for. */
export type MetricSources = {
  readonly chainAgeMs: () => number;
  readonly snapshot: () => ChainSnapshot | undefined;
  /** Which node of the chain is in use, from 0. */
  readonly node: () => number | undefined;
  readonly watch: () => WatchStatus | undefined;
  /** How often the log told of each alarm. */
  readonly alarms: ReadonlyMap<string, number>;
  readonly openAsks: () => number;
  readonly neededRecords: () => number;
  readonly pendingSettlements: () => number;
  readonly queue: QueueMetrics;
};

export type SignerMetrics = {
  readonly registry: Registry;
  readonly count: CountRequest;
  /** What the operator's policy refused, or would have in a dry run. */
  readonly countPolicyRefusal: (refusal: { code: string; isDryRun: boolean }) => void;
  readonly observeHold: (elapsedMs: number, code: string) => void;
  readonly observeJournal: (elapsedMs: number) => void;
  /** Signatures of one payment: how long they took, and what was signed. */
  readonly observeSigning: (elapsedMs: number, tickets: TicketBatch) => void;
};

/** Alarms that the log of a signer may tell of; each is a line of the page on operating it. */
const ALARM_NAMES = [
  'chain_lost',
  'custody_wrong_signature',
  'egress_refused',
  'journal_damaged',
  'journal_fault',
  'journal_unreadable',
  'settlement_refused',
  'signing_stopped',
  'tell_failed',
] as const;
const MS_PER_SEC = 1000;
const PAYMENT_PATH = '/generate-live-payment';

/** Makes the counters of a signer; no label has values that a caller chooses. */
export function createSignerMetrics(sources: MetricSources): SignerMetrics {
  const registry = createRegistry();
  const counter = <T extends string = string>(name: string, help: string, labels: T[] = []) =>
    new Counter<T>({ name, help, labelNames: labels, registers: [registry] });
  const payments = counter('signer_payments_total', 'Answers to payment requests by result code', [
    'code',
  ]);
  const refusals = counter('policy_refusals_total', 'Payments that policy refused', [
    'code',
    'dry_run',
  ]);
  const tickets = counter('signer_tickets_total', 'Tickets signed and given out');
  const ev = counter('signer_ticket_ev_gwei_total', 'Expected value of the tickets signed');
  const face = counter('signer_face_value_gwei_total', 'Face value of the tickets signed');
  const histogram = (name: string, help: string, labelNames: string[] = []) =>
    latencyHistogram(registry, { name, help, labelNames });
  const answers = histogram('signer_payment_seconds', 'Time to answer a payment request');
  const holds = histogram('signer_hold_seconds', 'Time for a hold to be answered', ['code']);
  const journal = histogram('signer_journal_seconds', 'Time for a record to reach the disk');
  const signing = histogram('signer_signing_seconds', 'Time to sign one payment');
  const risk = createTicketRisk();
  readSources(registry, sources);
  readGauge(
    registry,
    {
      name: 'signer_face_value_at_risk_gwei',
      help: 'Face value of the tickets signed here that can still be redeemed',
    },
    () => weiToGwei(risk.atRiskWei(sources.snapshot()?.lastInitializedRound)),
  );
  return {
    registry,
    count: ({ path, code, tickets: count, elapsedMs }) => {
      if (path !== PAYMENT_PATH) return;
      payments.inc({ code });
      if (count > 0) tickets.inc(count);
      answers.observe(elapsedMs / MS_PER_SEC);
    },
    countPolicyRefusal: ({ code, isDryRun }) =>
      refusals.inc({ code, dry_run: isDryRun ? '1' : '0' }),
    observeHold: (elapsedMs, code) => holds.observe({ code }, elapsedMs / MS_PER_SEC),
    observeJournal: (elapsedMs) => journal.observe(elapsedMs / MS_PER_SEC),
    observeSigning: (elapsedMs, batch) => {
      signing.observe(elapsedMs / MS_PER_SEC);
      const faceWei = batch.faceValueWei * BigInt(batch.count);
      const { num, den } = expectedValue(batch);
      ev.inc(weiToGwei((num * BigInt(batch.count)) / den));
      face.inc(weiToGwei(faceWei));
      risk.add(batch.creationRound, faceWei, sources.snapshot()?.lastInitializedRound);
    },
  };
}

function readSources(registry: Registry, sources: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    readGauge(registry, { name, help }, read);
  gauge('signer_chain_age_seconds', 'Since the chain was last read', () =>
    secondsOf(sources.chainAgeMs()),
  );
  gauge('signer_chain_node', 'The node of the chain in use: 1, or 2 after a failure', () => {
    const node = sources.node();
    return node === undefined ? undefined : node + 1;
  });
  gauge('signer_watch_age_seconds', 'Since billing knew all confirmed events of the chain', () => {
    const status = sources.watch();
    return status && secondsOf(status.ageMs);
  });
  gauge('signer_watch_lag_blocks', 'Confirmed blocks that billing does not know yet', () => {
    return sources.watch()?.lagBlocks;
  });
  countAlarms(registry, sources.alarms);
  const sender = () => sources.snapshot()?.sender;
  const gwei = (wei: bigint | undefined) => (wei === undefined ? undefined : weiToGwei(wei));
  gauge('signer_deposit_gwei', 'Deposit of the sender', () => gwei(sender()?.depositWei));
  gauge('signer_reserve_gwei', 'What is left of the reserve of the sender', () =>
    gwei(sender()?.reserveFundsRemainingWei),
  );
  gauge('signer_unlocking', '1 while the funds are unlocking', () => {
    const funds = sender();
    return funds && (funds.withdrawRound === 0n ? 0 : 1);
  });
  gauge('signer_open_asks', 'Asks for money that are not finished', sources.openAsks);
  gauge('signer_journal_records', 'Journal records not settled yet', sources.neededRecords);
  gauge('signer_settlements_pending', 'Settlements in memory', sources.pendingSettlements);
  gaugeQueue(registry, 'signer', sources.queue);
}

/** Alarms of the log by name, so that rules can speak of them. */
function countAlarms(registry: Registry, alarms: ReadonlyMap<string, number>): void {
  new Counter({
    name: 'signer_alarms_total',
    help: 'Alarms in the log, by name',
    labelNames: ['name'],
    registers: [registry],
    collect() {
      this.reset();
      // From 0: a rule must see the first.
      for (const name of ALARM_NAMES) this.inc({ name }, 0);
      for (const [name, times] of alarms) this.inc({ name }, times);
    },
  });
}

function secondsOf(ms: number): number {
  return Math.min(ms / MS_PER_SEC, Number.MAX_SAFE_INTEGER);
}
