import {
  createRegistry,
  gaugeQueue,
  latencyHistogram,
  type QueueMetrics,
} from '@clearinghouse/shared';
import { Counter, type Registry } from 'prom-client';

export type AuthMetrics = {
  readonly registry: Registry;
  readonly observeRequest: (answered: {
    /** A route's pattern, never a path as it came. */
    readonly route: string;
    readonly status: number;
    readonly elapsedMs: number;
  }) => void;
};

const MS_PER_SEC = 1000;

/** Makes the counters of auth; no label has values that a caller chooses. */
export function createAuthMetrics(sources: { readonly queue: QueueMetrics }): AuthMetrics {
  const registry = createRegistry();
  const requests = new Counter({
    name: 'auth_requests_total',
    help: 'Requests by route and status',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  const seconds = latencyHistogram(registry, {
    name: 'auth_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['route'],
  });
  gaugeQueue(registry, 'auth', sources.queue);
  return {
    registry,
    observeRequest: ({ route, status, elapsedMs }) => {
      requests.inc({ route, status });
      seconds.observe({ route }, elapsedMs / MS_PER_SEC);
    },
  };
}
