import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess } from '@clearinghouse/embedded';
import type { BenchStack } from '../../bench/payments/bench-stack.ts';

const POLL_MS = 50;
const START_MS_MAX = 20_000;

/** Starts the stack's Redis again on its port and its data, after it was killed. */
export async function restartRedis(stack: BenchStack): Promise<void> {
  const { dataDir, processes } = stack;
  const port = redisPort(stack);
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: join(dataDir, 'redis'),
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
    stopOrder: 400,
  });
  processes.set('redis', child);
  const until = Date.now() + START_MS_MAX;
  while ((await askRedis(port, 'PING')) !== '+PONG') {
    if (Date.now() > until) throw new Error('Redis did not come back');
    await sleep(POLL_MS);
  }
}

/** Removes everything from the stack's Redis. */
export async function flushRedis(stack: BenchStack): Promise<boolean> {
  return (await askRedis(redisPort(stack), 'FLUSHALL')) === '+OK';
}

function redisPort(stack: BenchStack): string {
  return new URL(stack.services.urls.redisUrl ?? '').port;
}

/** One inline command; an empty answer when nobody is there. */
async function askRedis(port: string, command: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(`${command}\r\n`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString('latin1').split('\r\n')[0] ?? '';
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}
