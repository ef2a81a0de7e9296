import { quoteElement } from '../db/array-literal.ts';
import type { NewHold } from './decide-holds.ts';

/** How a column's value stands in an array literal. */
type Kind = 'plain' | 'text' | 'bytes';
export type Column = {
  readonly name: string;
  readonly type: string;
  readonly kind: Kind;
  /** Decimal text, any text, or hex without `0x`, as the kind says; undefined is null. */
  readonly pick: (hold: NewHold) => string | number | bigint | undefined;
};

type Item = NewHold['ask']['item'];

const own = (name: string, type: string, pick: (hold: NewHold) => bigint | number): Column => ({
  name,
  type,
  kind: 'plain',
  pick,
});
const plain = (
  name: string,
  type: string,
  pick: (item: Item) => bigint | number | string,
): Column => ({
  name,
  type,
  kind: 'plain',
  pick: (hold) => pick(hold.ask.item),
});
const text = (name: string, pick: (item: Item) => string | undefined): Column => ({
  name,
  type: 'text',
  kind: 'text',
  pick: (hold) => pick(hold.ask.item),
});
const bytes = (name: string, pick: (item: Item) => string): Column => ({
  name,
  type: 'bytea',
  kind: 'bytes',
  pick: (hold) => pick(hold.ask.item),
});

/** Every column that differs between the holds of a batch, their ids aside. */
export const HOLD_COLUMNS: readonly Column[] = [
  { name: 'replica_id', type: 'text', kind: 'text', pick: (hold) => hold.ask.replicaId },
  own('account_id', 'bigint', (hold) => hold.accountId),
  own('fork_no', 'smallint', (hold) => hold.forkNo),
  own('fx_id', 'bigint', (hold) => hold.price.fxId),
  own('markup_bps', 'integer', (hold) => hold.price.markupBps),
  own('charge_exact', 'numeric', (hold) => hold.price.chargeExact),
  own('charge_hold_micros', 'numeric', (hold) => hold.price.chargeHoldMicros),
  plain('ask_no', 'bigint', (item) => item.askNo),
  text('app_id', (item) => item.principal.appId),
  text('subject', (item) => item.principal.subject),
  text('user_id', ({ principal }) => (principal.subject === 'app' ? undefined : principal.subject)),
  text('external_user_id', (item) => item.principal.externalUserId),
  text('client_id', (item) => item.principal.clientId),
  text('key_id', (item) => item.principal.keyId),
  text('grant_id', (item) => item.principal.grantId),
  text('jti', (item) => item.principal.jti),
  text('attribution', (item) => item.principal.attribution),
  bytes('sender', (item) => item.senderAddress.slice(2)),
  text('state_id', (item) => item.stateId),
  plain('seq', 'bigint', (item) => item.seq),
  bytes('request_hash', (item) => item.requestHash),
  bytes('recipient_rand_hash', (item) => item.recipientRandHash),
  plain('nonce_from', 'bigint', (item) => item.rebuild.nonceFrom),
  plain('nonce_to', 'bigint', (item) => item.nonceTo),
  plain('fee_wei', 'numeric', (item) => item.rebuild.feeWei),
  plain('ticket_ev_wei', 'numeric', (item) => item.ticketEvWei),
  plain('session_credit_wei', 'numeric', (item) => item.sessionCreditWei),
  plain('face_value_wei', 'numeric', (item) => item.faceValueWei),
  plain('win_prob', 'numeric', (item) => item.winProb),
  bytes('orch_address', (item) => item.usage.orchAddress.slice(2)),
  text('orch_url', (item) => item.usage.orchUrl),
  text('job_type', (item) => item.usage.jobType),
  text('pipeline', (item) => item.usage.pipeline),
  text('model', (item) => item.usage.model),
  plain('units', 'numeric', (item) => item.usage.units),
  plain('billable_ms', 'numeric', (item) => item.usage.billableMs),
  plain('price_per_unit', 'bigint', (item) => item.usage.pricePerUnit),
  plain('pixels_per_unit', 'bigint', (item) => item.usage.pixelsPerUnit),
  plain('now_ns', 'numeric', (item) => item.rebuild.nowNs),
  plain('creation_round', 'numeric', (item) => item.rebuild.creationRound),
  bytes('creation_block_hash', (item) => item.rebuild.creationBlockHash),
  text('manifest_id', (item) => item.rebuild.manifestId),
  text('new_balance', (item) => item.rebuild.newBalance),
  plain('initial_price_per_unit', 'bigint', (item) => item.rebuild.initialPricePerUnit),
  plain('initial_pixels_per_unit', 'bigint', (item) => item.rebuild.initialPixelsPerUnit),
  bytes('new_state_hash', (item) => item.rebuild.newStateHash),
  bytes('payment_hash', (item) => item.rebuild.paymentHash),
];

/** Given by the statement itself to holds that are granted in one. */
const GIVEN = new Set(['fork_no', 'fx_id', 'user_id']);

/** The columns of holds that are granted in one statement, in the order of its parameters. */
export const GRANT_COLUMNS: readonly Column[] = HOLD_COLUMNS.filter(({ name }) => !GIVEN.has(name));

/** One array literal of Postgres for each of some columns of a batch. */
export function toColumnArrays(columns: readonly Column[], holds: readonly NewHold[]): string[] {
  return columns.map(({ kind, pick }) => {
    const write = WRITERS[kind];
    let literal = '{';
    for (const hold of holds) {
      const value = pick(hold);
      literal += value === undefined ? 'NULL,' : `${write(value)},`;
    }
    return `${literal.slice(0, -1)}}`;
  });
}

const WRITERS: Readonly<Record<Kind, (value: string | number | bigint) => string>> = {
  plain: String,
  bytes: (hex) => `"\\\\x${hex}"`,
  text: (value) => quoteElement(String(value)),
};
