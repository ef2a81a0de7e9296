import { type EthUsdE8, type Transaction, wei } from '@clearinghouse/shared';
import { inOneFlight } from '../db/in-one-flight.ts';
import { planByIndex } from '../db/plan-by-index.ts';
import type { SettleHold, SettlePurse } from './decide-settlements.ts';
import type { HoldState } from './hold.ts';

/** The holds of a batch and the purses behind them, all locked. */
export type SettleBook = {
  readonly nowMs: number;
  readonly holds: ReadonlyMap<string, SettleHold>;
  readonly purses: ReadonlyMap<bigint, SettlePurse>;
};

/**
 * Locks the balances behind some holds, in the order of their accounts, and reads the holds after.
 * A hold's state changes only under the lock of its balance, so it is locked with it.
 */
export async function readSettleBook(
  tx: Transaction,
  holdIds: readonly string[],
): Promise<SettleBook> {
  const [, purses, holds, times] = await inOneFlight([
    planByIndex(tx),
    lockPurses(tx, holdIds),
    readHolds(tx, holdIds),
    tx<{ now_ms: bigint }[]>`
      select (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms`,
  ]);
  return {
    nowMs: Number(times[0]?.now_ms),
    holds: new Map(holds.map((row) => [row.id, fromRow(row)])),
    purses: new Map(
      purses.map((row) => [
        row.account_id,
        {
          accountId: row.account_id,
          posted: BigInt(row.posted),
          held: BigInt(row.held),
          creditLimit: BigInt(row.credit_limit),
          remainder: BigInt(row.remainder),
          networkRemainder: BigInt(row.network_remainder),
        },
      ]),
    ),
  };
}

type PurseRow = {
  account_id: bigint;
  posted: string;
  held: string;
  credit_limit: string;
  remainder: string;
  network_remainder: string;
};

function lockPurses(tx: Transaction, holdIds: readonly string[]) {
  return tx<PurseRow[]>`
    select account_id, posted, held, credit_limit, remainder, network_remainder
    from billing.balances
    where currency = 'USD' and account_id = any(array(
      select account_id from billing.holds where id = any(${holdIds}::uuid[])))
    order by account_id for update`;
}

type HoldRow = {
  id: string;
  state: HoldState;
  account_id: bigint;
  app_id: string;
  subject: string;
  user_id: string | null;
  external_user_id: string | null;
  key_id: string | null;
  client_id: string | null;
  sender: string;
  pipeline: string;
  model: string;
  units: string;
  billable_ms: string;
  fee_wei: string;
  ticket_ev_wei: string;
  price_e8: string;
  charge_exact: string;
  charge_hold_micros: string;
  payment_hash: string;
};

function readHolds(tx: Transaction, holdIds: readonly string[]) {
  return tx<HoldRow[]>`
    select h.id, h.state::int as state, h.account_id, h.app_id, h.subject, h.user_id,
      h.external_user_id, h.key_id, h.client_id, encode(h.sender, 'hex') as sender, h.pipeline,
      h.model, h.units, h.billable_ms, h.fee_wei, h.ticket_ev_wei, fx.price_e8, h.charge_exact,
      h.charge_hold_micros, encode(h.payment_hash, 'hex') as payment_hash
    from billing.holds h join billing.fx_rates fx on fx.id = h.fx_id
    where h.id = any(${holdIds}::uuid[])`;
}

function fromRow(row: HoldRow): SettleHold {
  return {
    id: row.id,
    state: row.state,
    accountId: row.account_id,
    appId: row.app_id,
    subject: row.subject,
    userId: row.user_id ?? undefined,
    externalUserId: row.external_user_id ?? undefined,
    keyId: row.key_id ?? undefined,
    clientId: row.client_id ?? undefined,
    sender: `0x${row.sender}`,
    pipeline: row.pipeline,
    model: row.model,
    units: BigInt(row.units),
    billableMs: BigInt(row.billable_ms),
    feeWei: wei(BigInt(row.fee_wei)),
    ticketEvWei: wei(BigInt(row.ticket_ev_wei)),
    priceE8: BigInt(row.price_e8) as EthUsdE8,
    chargeExact: BigInt(row.charge_exact),
    chargeHoldMicros: BigInt(row.charge_hold_micros),
    paymentHash: row.payment_hash,
  };
}
