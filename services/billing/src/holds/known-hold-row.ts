import { type Address, wei } from '@clearinghouse/shared';
import type { RebuildTexts } from './checked-item.ts';
import type { HoldState, KnownHold } from './hold.ts';

/** A stored hold as the driver gives it: numerics as text, hashes as hex without `0x`. */
export type KnownHoldRow = {
  id: string;
  state: HoldState;
  fork_no: number;
  account_id: bigint;
  app_id: string;
  subject: string;
  user_id: string | null;
  key_id: string | null;
  sender: string;
  state_id: string;
  seq: bigint;
  request_hash: string;
  fee_wei: string;
  ticket_ev_wei: string;
  fx_id: bigint;
  markup_bps: number;
  charge_exact: string;
  charge_hold_micros: string;
  nonce_from: bigint;
  nonce_to: bigint;
  now_ns: string;
  created_at_ms: bigint;
  creation_round: string;
  creation_block_hash: string;
  manifest_id: string;
  new_balance: string;
  initial_price_per_unit: bigint;
  initial_pixels_per_unit: bigint;
  new_state_hash: string;
  payment_hash: string;
  has_successor: boolean;
};

/** A stored hold as the decision needs it. */
export function fromRowKnownHold(row: KnownHoldRow): KnownHold {
  return {
    id: row.id,
    state: row.state,
    forkNo: row.fork_no,
    createdAtMs: Number(row.created_at_ms),
    accountId: row.account_id,
    appId: row.app_id,
    subject: row.subject,
    userId: row.user_id ?? undefined,
    keyId: row.key_id ?? undefined,
    sender: `0x${row.sender}` as Address,
    stateId: row.state_id,
    seq: Number(row.seq),
    requestHash: row.request_hash,
    feeWei: wei(BigInt(row.fee_wei)),
    ticketEvWei: wei(BigInt(row.ticket_ev_wei)),
    price: {
      fxId: row.fx_id,
      markupBps: row.markup_bps,
      chargeExact: BigInt(row.charge_exact),
      chargeHoldMicros: BigInt(row.charge_hold_micros),
    },
    rebuild: fromRowRebuild(row),
    hasSuccessor: row.has_successor,
  };
}

function fromRowRebuild(row: KnownHoldRow): RebuildTexts {
  return {
    nowNs: row.now_ns,
    creationRound: row.creation_round,
    creationBlockHash: row.creation_block_hash,
    stateId: row.state_id,
    manifestId: row.manifest_id,
    nonceFrom: Number(row.nonce_from),
    numTickets: Number(row.nonce_to - row.nonce_from + 1n),
    feeWei: row.fee_wei,
    newBalance: row.new_balance,
    initialPricePerUnit: row.initial_price_per_unit.toString(),
    initialPixelsPerUnit: row.initial_pixels_per_unit.toString(),
    newStateHash: row.new_state_hash,
    paymentHash: row.payment_hash,
  };
}
