import { withTransaction } from '@clearinghouse/shared';
import { purgeAudit } from '../audit/audit-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { LIMITS } from '../limits.ts';
import { openCommandDeps } from './command-deps.ts';

const DAY_MS = 86_400_000;

/**
 * Deletes sealed entries of the audit log that are older than `days`, as the owner of the tables:
 * the service itself cannot. Their hashes stay, and the log says that it was done.
 *
 * @throws Error when there is no owner's connection, or the time is too short.
 */
export async function purgeOldAudit(
  ownerUrl: string | undefined,
  days: number,
): Promise<{ purged: number }> {
  if (ownerUrl === undefined) throw new Error('AUTH_OWNER_URL: needed, the service cannot delete');
  if (!Number.isInteger(days) || days < LIMITS.auditKeptDaysMin) {
    throw new Error(`--days: a whole number, at least ${LIMITS.auditKeptDaysMin}`);
  }
  const { db } = openCommandDeps(ownerUrl);
  try {
    return await withTransaction(db, async (tx) => {
      const purged = await purgeAudit(tx, new Date(Date.now() - days * DAY_MS));
      await recordAudit(tx, { action: 'audit.purged', actor: 'cli', detail: { days, purged } });
      return { purged };
    });
  } finally {
    await db.end({ timeout: 5 });
  }
}
