import type { CHAIN_ALARM_KINDS, Database } from '@clearinghouse/shared';

/**
 * An operator has seen to an alarm about a chain. What it was about stays as it is in the books.
 *
 * @returns whether there was such an alarm.
 */
export async function clearChainAlarm(
  deps: { readonly sql: Database },
  input: { readonly kind: (typeof CHAIN_ALARM_KINDS)[number]; readonly subject: string },
): Promise<boolean> {
  const rows = await deps.sql`
    update billing.alarms set cleared_at = clock_timestamp()
    where kind = ${input.kind} and subject = ${input.subject} and cleared_at is null
    returning id`;
  return rows.length > 0;
}
