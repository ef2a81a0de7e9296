import type { Logger, Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { recordAudit } from './record-audit.ts';

/** A credential that was refused, and why; the caller is told only that it was. */
export type Refusal = {
  readonly keyId?: string | undefined;
  readonly appId?: string | undefined;
  readonly reason: string;
  readonly surface: string;
};

/**
 * Makes the function that writes refusals to the audit log: the same refusal of the same key at
 * most once a minute, so that a flood of bad keys is not a flood of rows.
 */
export function createRefusalRecorder(deps: { db: Sql; log: Logger; nowMs: () => number }) {
  const seen = new Map<string, number>();
  return (refusal: Refusal): void => {
    const name = `${refusal.keyId ?? refusal.appId ?? ''}|${refusal.reason}|${refusal.surface}`;
    const now = deps.nowMs();
    if (now - (seen.get(name) ?? Number.NEGATIVE_INFINITY) < LIMITS.refusalAuditEveryMs) return;
    if (seen.size >= LIMITS.refusalAuditPendingMax) seen.clear();
    seen.set(name, now);
    void recordAudit(deps.db, {
      action: 'credential.refused',
      actor: 'anonymous',
      appId: refusal.appId,
      target: refusal.keyId,
      reason: refusal.reason,
      detail: { surface: refusal.surface },
    }).catch((err: unknown) => deps.log.warn({ err }, 'audit entry not written'));
  };
}

export type RecordRefusal = ReturnType<typeof createRefusalRecorder>;
