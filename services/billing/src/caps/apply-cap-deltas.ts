import type { Transaction } from '@clearinghouse/shared';
import { inOneFlight } from '../db/in-one-flight.ts';
import type { CapOwner } from './cap.ts';

/** What a batch changes in one owner's caps; used in the window of now, rolled first. */
export type CapChange = CapOwner & {
  readonly heldChargeMicros: bigint;
  readonly heldCreditWei: bigint;
  readonly usedChargeMicros: bigint;
  readonly usedCreditWei: bigint;
};

/**
 * Adds a batch's changes to every cap of their owners. The caller holds the lock of the app's
 * balance. What is used never falls below zero: credit bought in an earlier window and spent in
 * this one makes no room for more.
 *
 * @param input.day the UTC day of now, YYYY-MM-DD.
 * @param input.openSessionCredit makes the session credit row of an owner that has none.
 */
export async function applyCapDeltas(
  tx: Transaction,
  input: { changes: readonly CapChange[]; day: string; openSessionCredit: boolean },
): Promise<void> {
  if (input.changes.length === 0) return;
  const rows = JSON.stringify(input.changes.map(toRow));
  // Sent in this order: the rows must be there when they are added to.
  const opened = input.openSessionCredit ? openRows(tx, rows, input.day) : Promise.resolve();
  await inOneFlight([opened, updateRows(tx, rows, input.day)]);
}

function toRow(change: CapChange) {
  return {
    app_id: change.appId,
    scope: change.scope,
    scope_id: change.scopeId,
    held_charge: change.heldChargeMicros.toString(),
    held_credit: change.heldCreditWei.toString(),
    used_charge: change.usedChargeMicros.toString(),
    used_credit: change.usedCreditWei.toString(),
  };
}

async function openRows(tx: Transaction, rows: string, day: string): Promise<void> {
  await tx`
    insert into billing.caps (app_id, scope, scope_id, metric, period, window_start)
    select app_id, scope, scope_id, 'session_credit_wei', 'day', ${day}::date
    from json_to_recordset(${rows}::text::json) as d(app_id text, scope text, scope_id text)
    on conflict do nothing`;
}

async function updateRows(tx: Transaction, rows: string, day: string): Promise<void> {
  await tx`
    update billing.caps c set
      held = c.held + case c.metric when 'charge_micros' then d.held_charge else d.held_credit end,
      used = greatest(0, case when c.window_start < w.first_day then 0 else c.used end
        + case c.metric when 'charge_micros' then d.used_charge else d.used_credit end),
      window_start = greatest(c.window_start, w.first_day),
      updated_at = clock_timestamp()
    from json_to_recordset(${rows}::text::json) as d(app_id text, scope text, scope_id text,
        held_charge numeric, held_credit numeric, used_charge numeric, used_credit numeric),
      (values ('day', ${day}::date), ('month', date_trunc('month', ${day}::date)::date),
        ('total', date '1970-01-01')) as w(period, first_day)
    where c.app_id = d.app_id and c.scope = d.scope and c.scope_id = d.scope_id
      and w.period = c.period`;
}
