import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, startEmbeddedPostgres } from '@clearinghouse/embedded';
import { type HoldsBench, runHoldsBench } from './run-holds-bench.ts';

/** Runs the bench on the embedded PostgreSQL, fsync on, in a folder of its own. */
export async function benchHoldsOnOwnServer(): Promise<HoldsBench> {
  const folder = mkdtempSync(join(tmpdir(), 'clearinghouse-holds-'));
  chmodSync(folder, 0o711);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    port: await findFreePort(),
    password: 'bench',
  });
  try {
    return await runHoldsBench({ superuserUrl: postgres.url('postgres', 'postgres') });
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
