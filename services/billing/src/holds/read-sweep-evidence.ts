import type { Database, Transaction } from '@clearinghouse/shared';

/** Where a sweep stands among the holds that are due. */
export type SweepCursor = { readonly expiresAt: string; readonly id: string };

/** The beginning of a sweep. */
export const SWEEP_START: SweepCursor = {
  expiresAt: '-infinity',
  id: '00000000-0000-0000-0000-000000000000',
};

/**
 * Open holds past their time, and disputed ones: the oldest first, after the cursor. A disputed
 * one is looked at in every sweep, since its signer may speak again.
 */
export async function findDue(
  db: Database,
  after: SweepCursor,
  itemsMax: number,
): Promise<readonly SweepCursor[]> {
  const rows = await db<{ id: string; expires_at: string }[]>`
    select id, expires_at::text as expires_at from billing.holds
    where state in (0, 4) and (state = 4 or expires_at <= clock_timestamp())
      and (expires_at, id) > (${after.expiresAt}::text::timestamptz, ${after.id}::uuid)
    order by expires_at, id limit ${itemsMax}`;
  return rows.map((row) => ({ id: row.id, expiresAt: row.expires_at }));
}

/** What is known of a hold whose payment may or may not have been signed. */
export type SweepEvidence = {
  readonly holdId: string;
  /** The next payment of its session exists, and no fork could be meant instead. */
  readonly wasDelivered: boolean;
  /** The journals of all who asked are closed beyond their asks: nobody signed it. */
  readonly allClosed: boolean;
  /** One of those whose journal is not closed has not been heard of for too long. */
  readonly anySilent: boolean;
  readonly replicaId: string;
  /** Its time as an open hold, or as a disputed one, is over. */
  readonly isDue: boolean;
};

/** Reads the evidence; called under the locks of the holds' balances. */
export async function readSweepEvidence(
  tx: Transaction,
  holdIds: readonly string[],
  silentAfterMs: number,
): Promise<readonly SweepEvidence[]> {
  const silentAfterSec = silentAfterMs / 1_000;
  const rows = await tx<EvidenceRow[]>`
    select h.id, h.replica_id, h.expires_at <= clock_timestamp() as is_due,
      exists (select from billing.holds n
        where n.sender = h.sender and n.state_id = h.state_id and n.seq = h.seq + 1)
      and not exists (select from billing.holds f where f.sender = h.sender
        and f.state_id = h.state_id and f.seq = h.seq and f.id <> h.id) as was_delivered,
      asker.all_closed, asker.any_silent
    from billing.holds h, lateral (
      select bool_and(is_closed) as all_closed,
        bool_or(not is_closed and heard_at
          < clock_timestamp() - make_interval(secs => ${silentAfterSec}::float8)) as any_silent
      from (
        select coalesce(w.is_last or w.closed_up_to >= a.ask_no, false) as is_closed,
          coalesce(w.seen_at, h.created_at) as heard_at
        from (
          select h.replica_id, h.ask_no
          union all
          select replica_id, ask_no from billing.hold_askers where hold_id = h.id
        ) as a left join billing.replica_watermarks w using (replica_id)
      ) as heard
    ) as asker
    where h.id = any(${holdIds}::uuid[])`;
  return rows.map((row) => ({
    holdId: row.id,
    wasDelivered: row.was_delivered,
    allClosed: row.all_closed,
    anySilent: row.any_silent ?? false,
    replicaId: row.replica_id,
    isDue: row.is_due,
  }));
}

type EvidenceRow = {
  id: string;
  replica_id: string;
  is_due: boolean;
  was_delivered: boolean;
  all_closed: boolean;
  any_silent: boolean | null;
};
