import type { Database } from '@clearinghouse/shared';
import { HOLD_STATE } from '../holds/hold.ts';

/** What the books say of themselves, for whoever watches. */
export type BookGauges = {
  readonly openHolds: number;
  readonly disputedHolds: number;
  /** Alarms that nobody has cleared, by kind. */
  readonly alarms: Readonly<Record<string, number>>;
  readonly outboxPending: number;
  /** Absent while there is no price. */
  readonly priceAgeSec: number | undefined;
};

/** Reads them in one round trip; each count goes over a small partial index. */
export async function readGauges(db: Database): Promise<BookGauges> {
  const [row] = await db<
    {
      open: number;
      disputed: number;
      alarms: Record<string, number> | null;
      outbox: number;
      price_age: number | null;
    }[]
  >`
    select
      (select count(*)::int from billing.holds where state = ${HOLD_STATE.open}) as open,
      (select count(*)::int from billing.holds where state = ${HOLD_STATE.disputed}) as disputed,
      (select json_object_agg(kind, times) from (
        select kind, count(*)::int as times from billing.alarms
        where cleared_at is null group by kind) live) as alarms,
      (select count(*)::int from billing.outbox where delivered_at is null) as outbox,
      (select extract(epoch from clock_timestamp() - observed_at)::float8
        from billing.fx_rates where pair = 'ETH/USD' order by id desc limit 1) as price_age`;
  return {
    openHolds: row?.open ?? 0,
    disputedHolds: row?.disputed ?? 0,
    alarms: row?.alarms ?? {},
    outboxPending: row?.outbox ?? 0,
    priceAgeSec: row?.price_age ?? undefined,
  };
}
