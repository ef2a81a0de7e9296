import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  provisionDatabases,
  startEmbeddedPostgres,
} from '@clearinghouse/embedded';
import { migrateQueue } from '@clearinghouse/shared';
import type { DevSecrets, Settings } from '@clearinghouse/stack';

const QUEUE_ROLES = ['queue_auth', 'queue_billing', 'queue_signer'];

/** Starts PostgreSQL, makes roles and databases, and the queue's tables when no Redis is used. */
export async function startDatabase(
  settings: Settings,
  secrets: DevSecrets,
  say: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({
    dataDir: join(settings.dataDir, 'postgres'),
    port: settings.ports.postgres,
    password: secrets.postgresPassword,
    rolePasswords: secrets.rolePasswords,
    runFolder: join(settings.dataDir, 'pids'),
    onNotice: say,
  });
  try {
    await provisionDatabases({
      superuserUrl: postgres.url('postgres', 'postgres'),
      passwords: secrets.rolePasswords,
    });
    if (settings.redisUrl === undefined) {
      const postgresUrl = postgres.url('queue_owner', 'clearinghouse_queue');
      await migrateQueue({ postgresUrl, grantTo: QUEUE_ROLES });
    }
    return postgres;
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
