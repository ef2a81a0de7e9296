import { createLog, migrate } from '@clearinghouse/shared';
import { readOwnerUrl } from './config.ts';
import { MIGRATIONS_FOLDER } from './migrations-folder.ts';

// Run by index.ts in a process of its own: the only one that ever sees the owner's secret.
const log = createLog({ service: 'billing-migrate' });
const url = readOwnerUrl();
if (url === undefined) {
  log.error('BILLING_OWNER_URL is not set');
  process.exitCode = 1;
} else {
  const ran = await migrate({ url, folder: MIGRATIONS_FOLDER, schema: 'billing' });
  log.info({ ran }, 'migrations are current');
}
