import type { Registry } from 'prom-client';
import type { QueueMetrics } from '../queue/metrics.ts';
import { readGauge } from './create-registry.ts';

/** The counters of a service's queue connection, as `<service>_queue_<counter>`. */
export function gaugeQueue(registry: Registry, service: string, metrics: QueueMetrics): void {
  for (const name of Object.keys(metrics) as (keyof QueueMetrics)[]) {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const help = 'A counter of the queue since the start';
    readGauge(registry, { name: `${service}_queue_${snake}`, help }, () => metrics[name]);
  }
}
