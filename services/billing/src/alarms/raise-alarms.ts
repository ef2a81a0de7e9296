import type { Database } from '@clearinghouse/shared';

/** What an operator must see. */
export type AlarmKind =
  | 'settle_unknown_hold'
  | 'settle_mismatch'
  | 'uncollected'
  | 'hold_disputed'
  | 'disputed_expired'
  | 'price_refused'
  | 'usage_default_partition'
  | 'reconcile_failed'
  | 'redemption_unknown'
  | 'chain_funds_differ';

export type Alarm = {
  readonly kind: AlarmKind;
  /** What it is about: one live alarm per kind and subject, counted. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
};

/** Raises alarms; one that stands already is counted up. */
export async function raiseAlarms(db: Database, alarms: readonly Alarm[]): Promise<void> {
  if (alarms.length === 0) return;
  const unique = new Map(alarms.map((alarm) => [`${alarm.kind} ${alarm.subject}`, alarm]));
  await db`
    insert into billing.alarms (kind, subject, detail)
    select kind, subject, detail
    from json_to_recordset(${JSON.stringify([...unique.values()])}::text::json)
      as r(kind text, subject text, detail jsonb)
    order by kind, subject
    on conflict (kind, subject) where cleared_at is null do update
      set times = billing.alarms.times + 1, last_at = clock_timestamp(), detail = excluded.detail`;
}
