import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { findFreePort, startEmbeddedPostgres } from '@clearinghouse/embedded';
import { TESTING_LIMITS } from '../limits.ts';
import { hasContainerRuntime } from './container-runtime.ts';
import type { Say, Server } from './server.ts';

const POSTGRES_IMAGE = 'postgres:18.4-bookworm';
const CONNECTIONS_MAX = 300;

/**
 * Obtains a PostgreSQL with a superuser: `DATABASE_URL`, else a container, else the embedded
 * server in the run's folder. Only here does a server run without fsync.
 */
export async function findPostgres(runFolder: string, say: Say): Promise<Server> {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, source: 'given', stop: async () => undefined };
  if (await hasContainerRuntime()) {
    try {
      return await startContainer();
    } catch (error) {
      say(`Postgres in a container did not start (${messageOf(error)}); using the embedded one`);
    }
  }
  const server = await startEmbeddedPostgres({
    dataDir: join(runFolder, 'postgres'),
    port: await findFreePort(),
    password: randomBytes(16).toString('hex'),
    connectionsMax: CONNECTIONS_MAX,
    dangerouslyNoSync: true,
    onNotice: say,
  });
  return { url: server.url('postgres', 'postgres'), source: 'embedded', stop: server.stop };
}

async function startContainer(): Promise<Server> {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer(POSTGRES_IMAGE)
    .withDatabase('postgres')
    .withUsername('postgres')
    .withCommand(['postgres', '-c', 'fsync=off', '-c', `max_connections=${CONNECTIONS_MAX}`])
    .withStartupTimeout(TESTING_LIMITS.containerStartMs)
    .start();
  return {
    url: container.getConnectionUri(),
    source: 'container',
    stop: async () => void (await container.stop()),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown fault';
}
