import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  findFreePort,
  type StartedProcess,
  signalGroup,
  startProcess,
  stopProcess,
} from '@clearinghouse/embedded';
import { TESTING_LIMITS } from '../limits.ts';
import { findProgram } from './find-program.ts';

/** A Redis process of one's own, to be killed and started again at will. */
export type RedisServer = {
  readonly url: string;
  readonly port: number;
  readonly pid: () => number;
  /** SIGKILL: what was not yet in its append-only file is lost. */
  readonly kill: () => Promise<void>;
  /** The process stands still and its connections hang, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Starts it again on the same port and data, whatever state it is in. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The program: Redis or its successor Valkey. */
export function findRedisProgram(): string | undefined {
  return findProgram('redis-server', 'valkey-server');
}

/**
 * Starts a Redis on a free port of the loopback: no eviction, append-only file, data under
 * `folder`, which also gets its pid file.
 */
export async function runRedisServer(options: {
  program: string;
  folder: string;
  name: string;
}): Promise<RedisServer> {
  const port = await findFreePort();
  const dataFolder = join(options.folder, options.name);
  mkdirSync(dataFolder, { recursive: true });
  const start = () => startOnce({ ...options, dataFolder, port });
  let child = await start();
  const end = async (signal: NodeJS.Signals) => {
    // A process that stands still would not see the signal.
    if (!child.hasExited()) signalGroup(child.pid, 'SIGCONT');
    await stopProcess(child, { signal });
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => child.pid,
    kill: () => end('SIGKILL'),
    pause: () => void signalGroup(child.pid, 'SIGSTOP'),
    resume: () => void signalGroup(child.pid, 'SIGCONT'),
    restart: async () => {
      await end('SIGTERM');
      child = await start();
    },
    stop: () => end('SIGTERM'),
  };
}

async function startOnce(options: {
  program: string;
  folder: string;
  name: string;
  dataFolder: string;
  port: number;
}): Promise<StartedProcess> {
  const logFile = join(options.folder, `${options.name}.log`);
  const settings = {
    port: String(options.port),
    bind: '127.0.0.1',
    dir: options.dataFolder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    save: '',
    'enable-debug-command': 'no',
    daemonize: 'no',
  };
  const child = await startProcess({
    name: options.name,
    command: options.program,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    pidFolder: options.folder,
    logFile,
    cwd: options.dataFolder,
  });
  const until = Date.now() + TESTING_LIMITS.redisStartMs;
  while (Date.now() < until && !child.hasExited()) {
    if ((await ping(options.port)).startsWith('+PONG')) return child;
    await sleep(TESTING_LIMITS.waitForIntervalMs);
  }
  await stopProcess(child);
  throw new Error(`Redis did not start; its log is ${logFile}`);
}

function ping(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => end(''));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(data.toString('latin1')));
    socket.once('error', () => end(''));
  });
}
