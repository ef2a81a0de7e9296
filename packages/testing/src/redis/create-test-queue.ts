import { inject } from 'vitest';
import { createTestQueueDatabase } from '../databases/create-test-database.ts';
import { createTestRedis } from './create-test-redis.ts';

/** Where a queue of one's own is reached: spread into `connectQueue`. */
export type TestQueue = {
  readonly backend: 'redis' | 'postgres';
  readonly connection: (service: 'auth' | 'billing' | 'signer') => {
    readonly redisUrl?: string;
    readonly prefix?: string;
    readonly postgresUrl?: string;
  };
  readonly stop: () => Promise<void>;
};

/** The backends that this run can test, for `describe.each`; Postgres is always one. */
export function queueBackends(): readonly ('redis' | 'postgres')[] {
  return inject('redisUrl') === null ? ['postgres'] : ['redis', 'postgres'];
}

/** A queue that no other test sees, on the backend asked for. */
export async function createTestQueue(backend: 'redis' | 'postgres'): Promise<TestQueue> {
  if (backend === 'redis') {
    const { url, prefix, stop } = createTestRedis();
    return { backend, connection: () => ({ redisUrl: url, prefix }), stop };
  }
  const database = await createTestQueueDatabase();
  return {
    backend,
    connection: (service) => ({ postgresUrl: database.url(`queue_${service}`) }),
    stop: database.drop,
  };
}
