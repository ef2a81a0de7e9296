import type { Database } from '@clearinghouse/shared';
import { raiseAlarms } from '../alarms/raise-alarms.ts';

/**
 * Makes the partitions of usage two months ahead, and raises an alarm when events landed in the
 * default partition, which means that this did not run in time.
 */
export async function keepPartitions(deps: { readonly sql: Database }): Promise<void> {
  const rows = await deps.sql<{ stray: boolean }[]>`
    select exists (select from billing.usage_events_default) as stray`;
  if (rows[0]?.stray) {
    const alarm = { kind: 'usage_default_partition', subject: 'usage_events', detail: {} } as const;
    await raiseAlarms(deps.sql, [alarm]);
  }
  await deps.sql`
    select billing.ensure_usage_partitions((clock_timestamp() at time zone 'utc')::date)`;
}
