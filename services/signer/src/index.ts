import {
  createLog,
  type Logger,
  listen,
  listenMetrics,
  onShutdown,
  openTracing,
} from '@clearinghouse/shared';
import { createApp } from './app.ts';
import { type CustodyConfig, dropPassword, readConfig, type SigningConfig } from './config.ts';
import { curveImplementation } from './custody/curve.ts';
import { stopCoreDumps } from './custody/stop-core-dumps.ts';
import { openCustody } from './deps/open-custody.ts';
import { createDeps } from './deps.ts';
import { guardSockets } from './egress/guard-sockets.ts';
import { checkCoreDumps, checkCurve, checkJournalDir } from './preconditions.ts';

/** Ends a process that must not sign any more; whoever supervises it starts a new one. */
const LOST_EXIT_CODE = 75;

/** Starts the signer: configuration, key, disk, then the first request. */
async function start(): Promise<void> {
  // The passwords go no further than the keys, so that nothing holds them any more after that.
  const { custody: keys, ...config } = readConfig();
  const alarms = new Map<string, number>();
  const onAlarm = (name: string) => void alarms.set(name, (alarms.get(name) ?? 0) + 1);
  const log = createLog({ service: 'signer', level: config.logLevel, onAlarm });
  const egress = config.egress && guardSockets({ places: config.egress, log });
  if (!egress) log.warn('this process may connect anywhere: DANGEROUSLY_OPEN_EGRESS');
  const tracing = await openTracing({ config: config.tracing, service: 'signer', log });
  const custody = await openKeys(keys, config, log);
  // However the process ends, the key is zeros before it does.
  process.once('exit', custody.close);
  dropPassword();
  const [active, ...others] = custody.accounts.map(({ address }) => address);
  log.info(
    { address: active, others, custody: keys.kind, secp256k1: curveImplementation },
    'custody is open',
  );
  const deps = await createDeps({
    config,
    custody,
    log,
    alarms,
    ...(egress ? { allowWithin: egress.allowWithin } : {}),
    onLost: (reason) => {
      log.fatal({ alarm: 'journal_lost', reason }, 'this process signs no more');
      setImmediate(() => process.exit(LOST_EXIT_CODE));
    },
  });
  const server = await listen(createApp(deps.app), {
    host: config.host,
    port: config.port,
    portVariable: 'SIGNER_PORT',
  });
  const { metricsHost: metricsAt, metricsPort } = config;
  const metrics = await listenMetrics(
    { host: metricsAt, port: metricsPort },
    deps.metrics.registry,
  );
  onShutdown({ log, watchParent: config.watchParent }, [
    { name: 'http', stop: server.stop },
    { name: 'metrics', stop: async () => metrics?.stop() },
    ...deps.stopSteps,
    { name: 'custody', stop: async () => custody.close() },
    { name: 'traces', stop: tracing.stop },
  ]);
  const { replicaId, queueBackend: queue } = deps;
  log.info({ port: server.port, replicaId, queue }, 'signer is serving');
}

async function openKeys(keys: CustodyConfig, config: SigningConfig, log: Logger) {
  await checkJournalDir(config.journalDir);
  checkCurve(curveImplementation, config);
  const holdsKeys = keys.kind === 'local';
  const { allowsCoreDumps } = config;
  checkCoreDumps(stopCoreDumps(), { holdsKeys, allowsCoreDumps });
  return await openCustody(keys, log);
}

start().catch((err: unknown) => {
  createLog({ service: 'signer' }).fatal({ err }, 'signer cannot start');
  process.exit(1);
});
