import type { NewHold } from './decide-holds.ts';

/** The columns that are written when a hold is granted, with their types. */
export const HOLD_COLUMNS = [
  ['id', 'uuid'],
  ['account_id', 'bigint'],
  ['fork_no', 'smallint'],
  ['created_at', 'timestamptz'],
  ['expires_at', 'timestamptz'],
  ['replica_id', 'text'],
  ['ask_no', 'bigint'],
  ['app_id', 'text'],
  ['subject', 'text'],
  ['user_id', 'text'],
  ['external_user_id', 'text'],
  ['client_id', 'text'],
  ['key_id', 'text'],
  ['grant_id', 'text'],
  ['jti', 'text'],
  ['attribution', 'text'],
  ['sender', 'bytea'],
  ['state_id', 'text'],
  ['seq', 'bigint'],
  ['request_hash', 'bytea'],
  ['recipient_rand_hash', 'bytea'],
  ['nonce_from', 'bigint'],
  ['nonce_to', 'bigint'],
  ['fee_wei', 'numeric'],
  ['ticket_ev_wei', 'numeric'],
  ['session_credit_wei', 'numeric'],
  ['face_value_wei', 'numeric'],
  ['win_prob', 'numeric'],
  ['fx_id', 'bigint'],
  ['markup_bps', 'integer'],
  ['charge_exact', 'numeric'],
  ['charge_hold_micros', 'numeric'],
  ['orch_address', 'bytea'],
  ['orch_url', 'text'],
  ['job_type', 'text'],
  ['pipeline', 'text'],
  ['model', 'text'],
  ['units', 'numeric'],
  ['billable_ms', 'numeric'],
  ['price_per_unit', 'bigint'],
  ['pixels_per_unit', 'bigint'],
  ['now_ns', 'numeric'],
  ['creation_round', 'numeric'],
  ['creation_block_hash', 'bytea'],
  ['manifest_id', 'text'],
  ['new_balance', 'text'],
  ['initial_price_per_unit', 'bigint'],
  ['initial_pixels_per_unit', 'bigint'],
  ['new_state_hash', 'bytea'],
  ['payment_hash', 'bytea'],
] as const satisfies readonly (readonly [string, string])[];

type HoldColumn = (typeof HOLD_COLUMNS)[number][0];
/** Text for every column; numbers only where they are safe integers, so JSON keeps them whole. */
export type HoldRow = Readonly<Record<HoldColumn, string | number | null>>;

/** A granted hold as a row: money as decimal text, hashes as hex without `0x`. */
export function toRowHold(input: {
  id: string;
  hold: NewHold;
  createdAt: string;
  expiresAt: string;
}): HoldRow {
  const { ask, accountId, forkNo, price } = input.hold;
  const { item } = ask;
  return {
    id: input.id,
    account_id: accountId.toString(),
    fork_no: forkNo,
    created_at: input.createdAt,
    expires_at: input.expiresAt,
    replica_id: ask.replicaId,
    ask_no: item.askNo,
    ...principalColumns(item.principal),
    sender: item.senderAddress.slice(2),
    state_id: item.stateId,
    seq: item.seq,
    request_hash: item.requestHash,
    recipient_rand_hash: item.recipientRandHash,
    nonce_from: item.rebuild.nonceFrom,
    nonce_to: item.nonceTo,
    fee_wei: item.rebuild.feeWei.toString(),
    ticket_ev_wei: item.ticketEvWei.toString(),
    session_credit_wei: item.sessionCreditWei.toString(),
    face_value_wei: item.faceValueWei.toString(),
    win_prob: item.winProb.toString(),
    fx_id: price.fxId.toString(),
    markup_bps: price.markupBps,
    charge_exact: price.chargeExact.toString(),
    charge_hold_micros: price.chargeHoldMicros.toString(),
    ...usageColumns(item.usage),
    ...rebuildColumns(item.rebuild),
  };
}

type Item = NewHold['ask']['item'];

function principalColumns(principal: Item['principal']) {
  return {
    app_id: principal.appId,
    subject: principal.subject,
    user_id: principal.subject === 'app' ? null : principal.subject,
    external_user_id: principal.externalUserId ?? null,
    client_id: principal.clientId ?? null,
    key_id: principal.keyId ?? null,
    grant_id: principal.grantId ?? null,
    jti: principal.jti ?? null,
    attribution: principal.attribution,
  };
}

function usageColumns(usage: Item['usage']) {
  return {
    orch_address: usage.orchAddress.slice(2),
    orch_url: usage.orchUrl,
    job_type: usage.jobType,
    pipeline: usage.pipeline,
    model: usage.model,
    units: usage.units.toString(),
    billable_ms: usage.billableMs.toString(),
    price_per_unit: usage.pricePerUnit,
    pixels_per_unit: usage.pixelsPerUnit,
  };
}

function rebuildColumns(rebuild: Item['rebuild']) {
  return {
    now_ns: rebuild.nowNs.toString(),
    creation_round: rebuild.creationRound.toString(),
    creation_block_hash: rebuild.creationBlockHash,
    manifest_id: rebuild.manifestId,
    new_balance: rebuild.newBalance,
    initial_price_per_unit: rebuild.initialPricePerUnit,
    initial_pixels_per_unit: rebuild.initialPixelsPerUnit,
    new_state_hash: rebuild.newStateHash,
    payment_hash: rebuild.paymentHash,
  };
}
