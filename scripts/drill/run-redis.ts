import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort, type StartedProcess, startProcess } from '@clearinghouse/embedded';
import { askRedis } from './ask-redis.ts';

/** A Redis of the drill's own, on one port and one data folder for good. */
export type DrillRedis = {
  readonly url: string;
  readonly process: () => StartedProcess;
  /** Starts it again after it was killed. */
  readonly restart: () => Promise<void>;
  /** Removes everything; false when nobody is there. */
  readonly flush: () => Promise<boolean>;
};

const POLL_MS = 50;
const START_MS_MAX = 20_000;
/** After the services, before Postgres. */
const STOP_ORDER = 400;

/** Starts Redis as production has it: append-only file each second, no eviction. */
export async function runRedis(dataDir: string): Promise<DrillRedis> {
  const port = await findFreePort();
  const folder = join(dataDir, 'redis');
  mkdirSync(folder);
  let child = await startOnce(dataDir, { port, folder });
  return {
    url: `redis://127.0.0.1:${port}`,
    process: () => child,
    restart: async () => {
      child = await startOnce(dataDir, { port, folder });
    },
    flush: async () => (await askRedis(port, 'FLUSHALL')) === '+OK',
  };
}

async function startOnce(
  dataDir: string,
  { port, folder }: { readonly port: number; readonly folder: string },
): Promise<StartedProcess> {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
  };
  const child = await startProcess({
    name: 'redis',
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    pidFolder: join(dataDir, 'pids'),
    logFile: join(dataDir, 'logs', 'redis.log'),
    stopOrder: STOP_ORDER,
  });
  const until = Date.now() + START_MS_MAX;
  while ((await askRedis(port, 'PING')) !== '+PONG') {
    if (Date.now() > until || child.hasExited()) throw new Error('Redis does not start');
    await sleep(POLL_MS);
  }
  return child;
}
