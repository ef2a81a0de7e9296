import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { findRedisProgram, type RedisServer, runRedisServer } from '../servers/run-redis-server.ts';

/**
 * A Redis process of the test's own, with `kill`, `pause`, `resume` and `restart`.
 *
 * @throws Error when the machine has no Redis program (a container cannot be killed like this).
 */
export function startRedisServer(): Promise<RedisServer> {
  const program = findRedisProgram();
  if (program === undefined) throw new Error('this test needs redis-server on PATH');
  const name = `redis-${randomBytes(4).toString('hex')}`;
  return runRedisServer({ program, folder: inject('runFolder'), name });
}
