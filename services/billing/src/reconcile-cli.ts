import { connectDatabase, createLog } from '@clearinghouse/shared';
import { readReconcileConfig } from './config.ts';
import { reconcile } from './ledger/reconcile.ts';

// Proves the books: exit code 0 when they are right, 1 with a line for each fault, 2 when the
// proof itself could not be made.
const log = createLog({ service: 'billing-reconcile' });
try {
  const sql = connectDatabase({
    url: readReconcileConfig().DATABASE_URL,
    applicationName: 'billing-reconcile',
    connectionsMax: 1,
  });
  const faults = await reconcile({ sql });
  await sql.end({ timeout: 5 });
  for (const fault of faults) log.error({ ...fault }, 'the books are wrong');
  if (faults.length === 0) log.info('the books are right');
  process.exitCode = faults.length === 0 ? 0 : 1;
} catch (error) {
  log.error({ err: error }, 'the books could not be read');
  process.exitCode = 2;
}
