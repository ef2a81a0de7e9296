import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  listen,
  listenMetrics,
  onShutdown,
  openTracing,
  STAGES,
  watchRequests,
} from '@clearinghouse/shared';
import { createApp } from './app.ts';
import { dropOwnerUrl, readConfig, readOwnerUrl } from './config.ts';
import { createDeps } from './deps.ts';
import { answerQueues } from './workers/answer-queues.ts';
import { startTimer } from './workers/start-timer.ts';

// Migrations run first, in a process of their own, and the service runs without their secret.
if (readOwnerUrl() !== undefined) {
  const cli = join(import.meta.dirname, 'migrate-cli.ts');
  const { status } = spawnSync(process.execPath, [cli], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
  dropOwnerUrl();
}

const config = readConfig();
const deps = createDeps(config);
const { log } = deps;
const tracing = await openTracing({ config: config.tracing, service: 'billing', log });
const timers = deps.timers.map((timer) => startTimer({ ...timer, log }));
answerQueues(deps.queue, deps.queueOperations, log);
const app = watchRequests(STAGES['billing.request'], new Set(), createApp(deps.app).callback());
const server = await listen(app, {
  host: config.BILLING_HOST,
  port: config.BILLING_PORT,
  portVariable: 'BILLING_PORT',
});
const metrics = await listenMetrics(
  { host: config.METRICS_HOST, port: config.METRICS_PORT },
  deps.metrics.registry,
);
log.info({ port: server.port, queue: deps.queue.backend }, 'billing serves');

onShutdown({ log, watchParent: config.WATCH_PARENT }, [
  { name: 'http', stop: server.stop },
  { name: 'metrics', stop: async () => metrics?.stop() },
  { name: 'queue', stop: deps.queue.close },
  { name: 'holds', stop: deps.coalescer.close },
  { name: 'timers', stop: () => Promise.all(timers.map((timer) => timer.stop())) },
  { name: 'database', stop: () => deps.sql.end({ timeout: 5 }) },
  { name: 'traces', stop: tracing.stop },
]);
