import { TESTING_LIMITS } from '../limits.ts';
import { hasContainerRuntime } from './container-runtime.ts';
import { installPackages } from './install-package.ts';
import { findRedisProgram, runRedisServer } from './run-redis-server.ts';
import type { Say, Server } from './server.ts';

const REDIS_IMAGE = 'redis:7.4.2-bookworm';

/**
 * Obtains a Redis: `REDIS_URL`, else `redis-server` or `valkey-server` on PATH, else a container,
 * else the distribution's package when this is root. Undefined when none can be had.
 */
export async function findRedis(runFolder: string, say: Say): Promise<Server | undefined> {
  const given = process.env.REDIS_URL;
  if (given) return { url: given, source: 'given', stop: async () => undefined };
  return (
    (await startLocal(runFolder)) ??
    (await startContainer(say)) ??
    (installPackages(say, 'redis-server') ? await startLocal(runFolder) : undefined)
  );
}

async function startLocal(runFolder: string): Promise<Server | undefined> {
  const program = findRedisProgram();
  if (program === undefined) return undefined;
  const server = await runRedisServer({ program, folder: runFolder, name: 'redis' });
  return { url: server.url, source: 'local', stop: server.stop };
}

async function startContainer(say: Say): Promise<Server | undefined> {
  if (!(await hasContainerRuntime())) return undefined;
  try {
    const { RedisContainer } = await import('@testcontainers/redis');
    const container = await new RedisContainer(REDIS_IMAGE)
      .withStartupTimeout(TESTING_LIMITS.containerStartMs)
      .start();
    const stop = async () => void (await container.stop());
    return { url: container.getConnectionUrl(), source: 'container', stop };
  } catch (error) {
    say(`Redis in a container did not start: ${error instanceof Error ? error.message : 'fault'}`);
    return undefined;
  }
}
