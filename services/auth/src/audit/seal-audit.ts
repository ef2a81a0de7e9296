import { type Logger, type Sql, withTransaction } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { findLastSeal, findUnsealed, insertSeals, tryLockSeals } from './audit-store.ts';
import { CHAIN_START, hashEntry, nextSeal } from './chain.ts';

/**
 * Seals what was written to the audit log since the last time; one replica at a time, and never in
 * the way of whoever writes an entry.
 *
 * @returns how many entries were sealed.
 */
export async function sealAudit(deps: { readonly db: Sql }): Promise<number> {
  return withTransaction(deps.db, async (tx) => {
    if (!(await tryLockSeals(tx))) return 0;
    const entries = await findUnsealed(tx, LIMITS.auditSealBatch);
    if (entries.length === 0) return 0;
    const last = await findLastSeal(tx);
    let [seq, hash] = [last?.seq ?? 0n, last?.hash ?? CHAIN_START];
    const seals = entries.map((entry) => {
      const entryHash = hashEntry(entry);
      seq += 1n;
      hash = nextSeal(hash, entryHash);
      return { seq, entryId: entry.id, occurredUs: entry.occurredUs, entryHash, hash };
    });
    await insertSeals(tx, seals);
    return seals.length;
  });
}

/** Seals now and then; a failure is logged, and the next time tries again. */
export function startSealing(deps: { db: Sql; log: Logger }): { stop: () => Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = sealAudit(deps).catch((err: unknown) => deps.log.warn({ err }, 'audit not sealed'));
  }, LIMITS.auditSealEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
