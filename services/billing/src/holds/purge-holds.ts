import type { Database } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';

/**
 * Deletes holds that were closed long ago, and what hangs on them. Their usage and ledger entries
 * stay for ever. The retention must exceed the life of a session state and of ticket parameters,
 * since the rows are the replay guard.
 *
 * @returns how many were deleted; less than a full batch means that none is left.
 */
export async function purgeHolds(
  deps: { readonly sql: Database },
  input: { retentionMs: number },
): Promise<number> {
  const seconds = input.retentionMs / 1_000;
  const rows = await deps.sql`
    with old as (
      delete from billing.holds where id in (
        select id from billing.holds
        where state in (1, 2, 3)
          and created_at < clock_timestamp() - make_interval(secs => ${seconds}::float8)
        order by id limit ${LIMITS.purgeBatchMax})
      returning id
    ), askers as (
      delete from billing.hold_askers where hold_id in (select id from old)
    )
    select count(*) as purged from old`;
  return Number(rows[0]?.purged ?? 0);
}
