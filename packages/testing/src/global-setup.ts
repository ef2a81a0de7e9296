import type { TestProject } from 'vitest/node';
import { buildTemplates, dropTemplates } from './databases/build-templates.ts';
import './provided.ts';
import { findPostgres } from './servers/find-postgres.ts';
import { findRedis } from './servers/find-redis.ts';
import { closeRunFolder, openRunFolder } from './servers/run-folder.ts';
import type { Server } from './servers/server.ts';

const HOW = 'Set REDIS_URL, or put redis-server on PATH, or start a container runtime.';
const NOT_RUN = `NOT RUN: every queue suite on Redis (they ran on Postgres alone). ${HOW}`;

/**
 * Vitest's global setup of the integration project: finds or starts Postgres and Redis, builds
 * the template databases once, and takes everything down when the run ends.
 *
 * @throws Error when a server cannot be had: with `CI=true` that includes Redis.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runFolder = await openRunFolder();
  const stops: (() => Promise<unknown>)[] = [() => closeRunFolder(runFolder)];
  const stopAll = async () => {
    for (const stop of stops.reverse()) await stop();
  };
  try {
    const [postgres, redis] = await Promise.all([
      findPostgres(runFolder, say),
      findRedis(runFolder, say),
    ]);
    for (const server of [postgres, redis]) if (server) stops.push(server.stop);
    const provided = await buildTemplates(postgres.url);
    if (postgres.source === 'given') stops.push(() => dropTemplates(provided));
    project.provide('postgres', provided);
    project.provide('redisUrl', requireInCi(redis)?.url ?? null);
    project.provide('runFolder', runFolder);
    if (!redis) stops.unshift(async () => say(NOT_RUN));
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}

function requireInCi(redis: Server | undefined): Server | undefined {
  if (!redis && process.env.CI === 'true') throw new Error(`no Redis could be had. ${HOW}`);
  return redis;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
