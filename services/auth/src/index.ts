import {
  createLog,
  listen,
  listenMetrics,
  onShutdown,
  openTracing,
  STAGES,
  watchRequests,
} from '@clearinghouse/shared';
import { createApp } from './app.ts';
import { forgetOwnerSecret, readConfig } from './config.ts';
import { checkMigrations, migrateAuth } from './db/migrations.ts';
import { createDeps } from './deps.ts';
import { API_PATH, ISSUER_PATH } from './paths.ts';

/** Paths that a trace may name; others hold names and ids. */
const TRACED_PATHS = new Set([
  `${ISSUER_PATH}/token`,
  `${ISSUER_PATH}/jwks`,
  `${ISSUER_PATH}/token/introspection`,
  `${API_PATH}/user/usage`,
]);

/** Starts the auth service: configuration, migrations, parts, then the first request. */
async function start(): Promise<void> {
  const { ownerUrl, ...config } = readConfig();
  if (ownerUrl !== undefined) await migrateAuth(ownerUrl);
  forgetOwnerSecret();
  const deps = await createDeps({ ...config, ownerUrl: undefined });
  const { log } = deps;
  const tracing = await openTracing({ config: config.tracing, service: 'auth', log });
  const app = createApp({
    ...deps,
    readyChecks: { database: () => deps.db`select 1`, migrations: () => checkMigrations(deps.db) },
  });
  const server = await listen(watchRequests(STAGES['auth.request'], TRACED_PATHS, app), {
    host: config.host,
    port: config.port,
    portVariable: 'AUTH_PORT',
  });
  const metrics = await listenMetrics(config.metrics, deps.metrics.registry);
  onShutdown({ log: deps.log, watchParent: config.watchParent }, [
    { name: 'http', stop: server.stop },
    { name: 'metrics', stop: async () => metrics?.stop() },
    ...deps.stopSteps,
    { name: 'traces', stop: tracing.stop },
  ]);
  deps.log.info({ port: server.port, issuer: config.issuer }, 'auth is serving');
}

start().catch((err: unknown) => {
  createLog({ service: 'auth' }).fatal({ err }, 'auth cannot start');
  process.exit(1);
});
