import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  findFreePort,
  provisionDatabases,
  startEmbeddedPostgres,
  stopInOrder,
} from '@clearinghouse/embedded';
import { type DevKeystore, keepKeystore } from './keep-keystore.ts';
import { type DevSecrets, keepSecrets } from './keep-secrets.ts';

/** What a stack of its own lies on: a folder, secrets, a keystore, and PostgreSQL with its roles. */
export type Foundation = {
  readonly dataDir: string;
  readonly secrets: DevSecrets;
  readonly keystore: DevKeystore;
  readonly postgres: EmbeddedPostgres;
};

/**
 * Lays the foundation in a new folder below the system's temporary one, PostgreSQL with fsync on
 * and on a free port. Whoever asked removes the folder.
 */
export async function startFoundation(prefix: string): Promise<Foundation> {
  const dataDir = mkdtempSync(join(tmpdir(), prefix));
  // PostgreSQL runs as a user of its own when we are root.
  chmodSync(dataDir, 0o711);
  for (const folder of ['pids', 'logs']) mkdirSync(join(dataDir, folder));
  const secrets = keepSecrets(dataDir);
  const keystore = await keepKeystore(dataDir, secrets.keystorePassword);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: await findFreePort(),
    password: secrets.postgresPassword,
    rolePasswords: secrets.rolePasswords,
    runFolder: join(dataDir, 'pids'),
  });
  try {
    await provisionDatabases({
      superuserUrl: postgres.url('postgres', 'postgres'),
      passwords: secrets.rolePasswords,
    });
  } catch (error) {
    await stopInOrder([postgres.process]);
    throw error;
  }
  return { dataDir, secrets, keystore, postgres };
}
