import type { QueueOperations } from '../workers/answer-queues.ts';
import type { BillingMetrics } from './billing-metrics.ts';

/** The operations behind the queues, counted and timed. */
export function measureOperations(
  operations: QueueOperations,
  metrics: BillingMetrics,
): QueueOperations {
  return {
    ...operations,
    requestHolds: async (request) => {
      const startedMs = performance.now();
      const answers = await operations.requestHolds(request);
      metrics.observeHolds(performance.now() - startedMs, answers);
      return answers;
    },
    settleHolds: async (items) => {
      const startedMs = performance.now();
      const results = await operations.settleHolds(items);
      metrics.observeSettlements(performance.now() - startedMs, results);
      return results;
    },
    releaseHolds: async (ids) => {
      const results = await operations.releaseHolds(ids);
      metrics.observeReleases(results);
      return results;
    },
  };
}
