import type { Database, Watermark } from '@clearinghouse/shared';

/**
 * Remembers how far the journal of a signer process is closed. Messages may come twice and out
 * of order: the mark only rises, and `last` stays.
 */
export async function recordWatermark(
  deps: { readonly sql: Database },
  watermark: Watermark,
): Promise<void> {
  const { replicaId, grantsClosedUpTo, last } = watermark;
  await deps.sql`
    insert into billing.replica_watermarks as w (replica_id, closed_up_to, is_last)
    values (${replicaId}, ${grantsClosedUpTo}, ${last})
    on conflict (replica_id) do update set
      closed_up_to = greatest(w.closed_up_to, excluded.closed_up_to),
      is_last = w.is_last or excluded.is_last, seen_at = clock_timestamp()`;
}
