import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  findFreePort,
  provisionDatabases,
  startEmbeddedPostgres,
  stopInOrder,
} from '@clearinghouse/embedded';
import type { DatabaseSource } from './open-issuer.ts';

/** Starts a Postgres of the issuer's own, in its folder. */
export const openDatabases: DatabaseSource = async (folder, secrets) => {
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'pids'), { recursive: true });
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    port: await findFreePort(),
    password: secrets.postgresPassword,
    rolePasswords: secrets.rolePasswords,
    runFolder: join(folder, 'pids'),
  });
  await provisionDatabases({
    superuserUrl: postgres.url('postgres', 'postgres'),
    passwords: secrets.rolePasswords,
  });
  return { url: postgres.url, stop: () => stopInOrder([postgres.process]) };
};
