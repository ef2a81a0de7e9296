import type { Logger, Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { findCarers } from '../teams/find-carers.ts';

/** A key that ends soon, as those who look after its app are told. */
export type EndingKey = {
  readonly id: string;
  readonly appId: string;
  readonly appName: string;
  readonly name: string;
  readonly display: string;
  readonly expiresAt: Date;
  readonly days: number;
};

export type RemindDeps = {
  readonly db: Sql;
  /** Hands a mail over; never fails. */
  readonly sendReminder: (to: string, key: EndingKey) => void;
};

/**
 * Reminds of keys that end in 14, 3 or 1 days, each time once, however many replicas look: who
 * marks a key first tells its people.
 *
 * @returns how many keys were told of.
 */
export async function remindOfEnds(deps: RemindDeps): Promise<number> {
  const keys = await deps.db<EndingKey[]>`
    with due as (
      select id, days
      from auth.api_keys cross join lateral (select case
          when expires_at <= now() + interval '1 day' then 1
          when expires_at <= now() + interval '3 days' then 3
          else 14 end) as left_of (days)
      where revoked_at is null and purpose = 'key' and grace_expires_at is null
        and expires_at > now() and expires_at <= now() + interval '14 days'
        and (reminded_days is null or reminded_days > days)
      order by expires_at limit ${LIMITS.remindersPerRun} for update of api_keys skip locked)
    update auth.api_keys k set reminded_days = due.days
    from due join auth.apps a on true
    where k.id = due.id and a.id = k.app_id
    returning k.id, k.app_id as "appId", a.name as "appName", k.name,
      k.display_prefix || '…' || k.last4 as display, k.expires_at as "expiresAt", due.days`;
  for (const key of keys) {
    for (const to of await findCarers(deps.db, key.appId)) deps.sendReminder(to, key);
  }
  return keys.length;
}

/** Looks for such keys now and then. */
export function startReminding(deps: RemindDeps & { log: Logger }): { stop: () => Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = remindOfEnds(deps).catch((err: unknown) => deps.log.warn({ err }, 'not reminded'));
  }, LIMITS.remindEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
