import type { Transaction } from '@clearinghouse/shared';
import { applyCapDeltas } from '../caps/apply-cap-deltas.ts';
import type { CapDelta } from '../caps/cap-book.ts';
import { inOneFlight } from '../db/in-one-flight.ts';
import type { NewHold } from './decide-holds.ts';
import { HOLD_STATE, type HoldPrice, type KnownHold, keepsMoney } from './hold.ts';
import type { HoldAsk } from './hold-book.ts';
import { HOLD_COLUMNS, toColumnArrays } from './hold-columns.ts';

/** A decided batch, ready to be written. */
export type HoldWrites = {
  readonly created: readonly { readonly id: string; readonly hold: NewHold }[];
  readonly reopened: readonly { hold: KnownHold; price: HoldPrice; ask: HoldAsk }[];
  /** Open holds given again, with their new asker. */
  readonly touched: readonly { readonly holdId: string; readonly ask: HoldAsk }[];
  readonly heldByAccount: ReadonlyMap<bigint, bigint>;
  readonly caps: readonly CapDelta[];
  readonly nowMs: number;
  readonly ttlMs: number;
  /** The UTC day of `nowMs`, YYYY-MM-DD. */
  readonly day: string;
};

/**
 * Writes a decided batch: holds, balances and caps, all statements in one flight. Askers come
 * after it: a hold that is opened again forgets those it had, never one of this batch.
 */
export async function writeHolds(tx: Transaction, writes: HoldWrites): Promise<void> {
  await inOneFlight([
    insertHolds(tx, writes),
    addHeld(tx, writes.heldByAccount),
    applyCapDeltas(tx, {
      changes: writes.caps.map((delta) => ({ ...delta, usedChargeMicros: 0n, usedCreditWei: 0n })),
      day: writes.day,
      openSessionCredit: true,
    }),
    reopenHolds(tx, writes),
  ]);
  await rememberAskers(tx, writes.touched);
}

async function insertHolds(tx: Transaction, writes: HoldWrites): Promise<void> {
  if (writes.created.length === 0) return;
  const createdAt = new Date(writes.nowMs).toISOString();
  const expiresAt = new Date(writes.nowMs + writes.ttlMs).toISOString();
  const ids = `{${writes.created.map(({ id }) => id).join(',')}}`;
  const holds = writes.created.map(({ hold }) => hold);
  const parameters = [createdAt, expiresAt, ids, ...toColumnArrays(HOLD_COLUMNS, holds)];
  await tx.unsafe(INSERT_HOLDS, parameters, { prepare: true });
}

const INSERT_HOLDS = `
  insert into billing.holds (created_at, expires_at, id, ${HOLD_COLUMNS.map(nameOf).join(', ')})
  select $1::text::timestamptz, $2::text::timestamptz, u.*
  from unnest($3::text::uuid[],
    ${HOLD_COLUMNS.map(({ type }, index) => `$${index + 4}::text::${type}[]`)}) as u`;

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

async function addHeld(tx: Transaction, held: ReadonlyMap<bigint, bigint>): Promise<void> {
  if (held.size === 0) return;
  await tx`
    update billing.balances b set held = b.held + d.held, version = b.version + 1
    from unnest(${[...held.keys()].map(String)}::text[]::bigint[],
      ${[...held.values()].map(String)}::text[]::numeric[]) as d(account_id, held)
    where b.account_id = d.account_id and b.currency = 'USD'`;
}

/**
 * Opens closed holds again. One whose money was given back has no asker left that could sign, so
 * the new one takes their place; a disputed one keeps them all.
 */
async function reopenHolds(tx: Transaction, writes: HoldWrites): Promise<void> {
  for (const { hold, price, ask } of writes.reopened) {
    const expiresAtSec = (writes.nowMs + writes.ttlMs) / 1000;
    await tx`
      update billing.holds set state = ${HOLD_STATE.open}, closed_at = null,
        fx_id = ${price.fxId}, markup_bps = ${price.markupBps},
        charge_exact = ${price.chargeExact.toString()},
        charge_hold_micros = ${price.chargeHoldMicros.toString()},
        expires_at = to_timestamp(${expiresAtSec}::float8), replays = replays + 1
      where id = ${hold.id}`;
    if (keepsMoney(hold.state)) {
      await rememberAskers(tx, [{ holdId: hold.id, ask }]);
      continue;
    }
    await tx`delete from billing.hold_askers where hold_id = ${hold.id}`;
    await tx`
      update billing.holds set replica_id = ${ask.replicaId}, ask_no = ${ask.item.askNo}
      where id = ${hold.id}`;
  }
}

async function rememberAskers(tx: Transaction, touched: HoldWrites['touched']): Promise<void> {
  if (touched.length === 0) return;
  const ids = touched.map(({ holdId }) => holdId);
  await tx`
    update billing.holds set replays = least(replays + 1, 32000) where id = any(${ids}::uuid[])`;
  await tx`
    insert into billing.hold_askers (hold_id, replica_id, ask_no)
    select * from unnest(${ids}::uuid[], ${touched.map(({ ask }) => ask.replicaId)}::text[],
      ${touched.map(({ ask }) => ask.item.askNo)}::bigint[])
    on conflict do nothing`;
}
