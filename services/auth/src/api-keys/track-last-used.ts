import type { Logger, Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { updateLastUsed } from './api-key-store.ts';
import { addressPrefix } from './match-address.ts';

/**
 * Remembers which keys were used and writes them in batches: at most one row a key a minute,
 * whatever the traffic.
 */
export function createLastUsedTracker(deps: { db: Sql; log: Logger; nowMs: () => number }) {
  const pending = new Map<string, { atMs: number; ip: string | undefined }>();
  const writtenAt = new Map<string, number>();

  async function flush(): Promise<void> {
    const batch = [...pending].map(([id, { atMs, ip }]) => ({
      id,
      at: new Date(atMs),
      ipPrefix: (ip && addressPrefix(ip)) ?? null,
    }));
    if (batch.length === 0) return;
    pending.clear();
    const now = deps.nowMs();
    for (const { id } of batch) writtenAt.set(id, now);
    if (writtenAt.size > LIMITS.lastUsedPendingMax) writtenAt.clear();
    await updateLastUsed(deps.db, batch).catch((err: unknown) =>
      deps.log.warn({ err, keys: batch.length }, 'last use of keys not written'),
    );
  }

  function markUsed(keyId: string, ip?: string): void {
    const now = deps.nowMs();
    const last = writtenAt.get(keyId) ?? Number.NEGATIVE_INFINITY;
    if (now - last < LIMITS.lastUsedEveryMs || pending.size >= LIMITS.lastUsedPendingMax) return;
    pending.set(keyId, { atMs: now, ip });
  }

  const timer = setInterval(() => void flush(), LIMITS.lastUsedFlushMs);
  timer.unref();
  return {
    markUsed,
    flush,
    stop: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

export type LastUsedTracker = ReturnType<typeof createLastUsedTracker>;
