import type { Database, IdentityChanged, PrincipalKind, Transaction } from '@clearinghouse/shared';

/** One change of who may still spend. */
export type IdentityChange = IdentityChanged['changes'][number];

/** Names one principal. */
export type PrincipalRef = { readonly kind: PrincipalKind; readonly id: string };

/** Channel of Postgres on which replicas of auth learn of changes. */
export const IDENTITY_CHANNEL = 'identity_changed';
/** A notice of Postgres holds 8,000 bytes; this many changes always fit. */
const CHANGES_PER_NOTICE = 20;

/** Writes changes and their notice; both are gone when the transaction is. */
export async function writePrincipalStatus(
  tx: Transaction,
  changes: readonly IdentityChange[],
): Promise<void> {
  if (changes.length === 0) return;
  // One that changes twice is what it was made last.
  const last = new Map(changes.map((change) => [`${change.kind} ${change.id}`, change]));
  const rows = [...last.values()];
  const column = (name: 'kind' | 'id' | 'appId' | 'status') => rows.map((row) => row[name]);
  await tx`
    insert into identity.principal_status as known (kind, id, app_id, status, revoked_at)
    select kind, id, app_id, status, case when status = 'revoked' then now() end
    from unnest(${column('kind')}::text[], ${column('id')}::text[], ${column('appId')}::text[],
      ${column('status')}::text[]) as changed (kind, id, app_id, status)
    order by kind, id
    on conflict (kind, id) do update set
      status = excluded.status,
      revoked_at = coalesce(known.revoked_at, excluded.revoked_at),
      changed_at = now()
    where known.status <> excluded.status`;
  for (let index = 0; index < changes.length; index += CHANGES_PER_NOTICE) {
    const notice = JSON.stringify({ changes: changes.slice(index, index + CHANGES_PER_NOTICE) });
    await tx`select pg_notify(${IDENTITY_CHANNEL}, ${notice})`;
  }
}

/** Those of the named principals that are suspended or revoked; unknown ones are not. */
export async function findStopped(
  db: Database,
  refs: readonly PrincipalRef[],
): Promise<(PrincipalRef & { status: 'suspended' | 'revoked' })[]> {
  const kinds = refs.map((ref) => ref.kind);
  const ids = refs.map((ref) => ref.id);
  return db<(PrincipalRef & { status: 'suspended' | 'revoked' })[]>`
    select kind, id, status from identity.principal_status
    where status <> 'active' and (kind, id) in (
      select * from unnest(${kinds}::text[], ${ids}::text[])
    )`;
}
