import { currentRequestId, type Database } from '@clearinghouse/shared';

/** Who did what to whom, and why it was refused. Holds no secret and no token. */
export type AuditEntry = {
  readonly action: string;
  /** Client, user or key id of who acted; `anonymous` when nobody was told apart. */
  readonly actor: string;
  readonly appId?: string | undefined;
  readonly target?: string | undefined;
  readonly reason?: string | undefined;
  /** The request being served, when it is left out. */
  readonly requestId?: string | undefined;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
};

/** Appends to the audit log; inside a transaction it stands or falls with it. */
export async function recordAudit(db: Database, entry: AuditEntry): Promise<void> {
  const { action, actor, appId, target, reason, requestId, detail } = entry;
  await db`
    insert into auth.audit_log (app_id, actor, action, target, reason, request_id, detail)
    values (${appId ?? null}, ${actor}, ${action}, ${target ?? null}, ${reason ?? null},
      ${requestId ?? currentRequestId() ?? null}, ${db.json(detail ?? {})})`;
}
