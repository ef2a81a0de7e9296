import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Bounds in seconds that fit both a decision in memory and a request that waits for a queue. */
export const LATENCY_BUCKETS_SEC = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10,
];

/** A registry of one service, with what Node itself tells of its process. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** A gauge that is read when metrics are asked for. A read that fails leaves it out. */
export function readGauge(
  registry: Registry,
  options: { name: string; help: string },
  read: () => number | undefined | Promise<number | undefined>,
): void {
  new Gauge({
    ...options,
    registers: [registry],
    async collect() {
      const value = await Promise.resolve()
        .then(read)
        .catch(() => undefined);
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}

/** A histogram of seconds. */
export function latencyHistogram<T extends string = string>(
  registry: Registry,
  options: { name: string; help: string; labelNames?: readonly T[] },
): Histogram<T> {
  const { name, help, labelNames = [] } = options;
  const buckets = LATENCY_BUCKETS_SEC;
  return new Histogram<T>({
    name,
    help,
    labelNames: [...labelNames],
    buckets,
    registers: [registry],
  });
}
