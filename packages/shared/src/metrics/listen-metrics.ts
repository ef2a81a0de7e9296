import type { Registry } from 'prom-client';
import { z } from 'zod';
import { portEnv } from '../config/env-fields.ts';
import { listen, type RunningServer } from '../http/server.ts';
import { serveMetrics } from './serve-metrics.ts';

/** Variables of the port on which a service tells its metrics; off unless it is set. */
export const metricsShape = {
  METRICS_PORT: portEnv.optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
};

/** Listens for Prometheus on a port of its own; nothing when none is set. */
export async function listenMetrics(
  options: { readonly host: string; readonly port: number | undefined },
  registry: Registry,
): Promise<RunningServer | undefined> {
  const { host, port } = options;
  if (port === undefined) return undefined;
  return listen(serveMetrics(registry), { host, port, portVariable: 'METRICS_PORT' });
}
