import type { Transaction } from '@clearinghouse/shared';
import { inOneFlight } from '../db/in-one-flight.ts';

/** A payment that becomes usage; everything else of it is copied from its hold by SQL. */
export type UsageEvent = {
  readonly eventId: string;
  /** UTC day of the id's time, YYYY-MM-DD. */
  readonly day: string;
  /** UTC hour of the id's time, ISO 8601. */
  readonly hour: string;
  readonly appId: string;
  readonly userId: string | undefined;
  readonly externalUserId: string | undefined;
  readonly keyId: string | undefined;
  readonly clientId: string | undefined;
  readonly pipeline: string;
  readonly model: string;
  readonly feeWei: bigint;
  readonly ticketEvWei: bigint;
  readonly chargeMicros: bigint;
  readonly networkMicros: bigint;
  readonly units: bigint;
  readonly billableMs: bigint;
  readonly isLate: boolean;
  readonly isClamped: boolean;
  readonly occurredAt: string;
  readonly receivedAt: string;
};

/** Writes events and their daily and hourly sums, in the transaction of the money. */
export async function writeUsage(tx: Transaction, events: readonly UsageEvent[]): Promise<void> {
  if (events.length === 0) return;
  await inOneFlight([
    insertEvents(tx, events),
    addSums(
      tx,
      DAILY,
      sumBy(events, (event) => event.day),
    ),
    addSums(
      tx,
      HOURLY,
      sumBy(events, (event) => event.hour),
    ),
  ]);
}

async function insertEvents(tx: Transaction, events: readonly UsageEvent[]): Promise<void> {
  const rows = events.map((event) => ({
    id: event.eventId,
    day: event.day,
    charge: event.chargeMicros.toString(),
    network: event.networkMicros.toString(),
    is_late: event.isLate,
    is_clamped: event.isClamped,
    occurred_at: event.occurredAt,
    received_at: event.receivedAt,
  }));
  await tx`
    insert into billing.usage_events (event_id, day, account_id, app_id, subject, user_id,
      external_user_id, client_id, key_id, attribution, sender, state_id, seq, fork_no,
      manifest_id, orch_address, job_type, pipeline, model, units, billable_ms, price_per_unit,
      pixels_per_unit, fee_wei, ticket_ev_wei, face_value_wei, win_prob, nonce_from, nonce_to,
      recipient_rand_hash, fx_id, markup_bps, charge_exact, charge_micros, network_micros, is_late,
      is_clamped, tickets_hash, occurred_at, received_at)
    select h.id, r.day, h.account_id, h.app_id, h.subject, h.user_id,
      h.external_user_id, h.client_id, h.key_id, h.attribution, h.sender, h.state_id, h.seq,
      h.fork_no, h.manifest_id, h.orch_address, h.job_type, h.pipeline, h.model, h.units,
      h.billable_ms, h.price_per_unit, h.pixels_per_unit, h.fee_wei, h.ticket_ev_wei,
      h.face_value_wei, h.win_prob, h.nonce_from, h.nonce_to, h.recipient_rand_hash, h.fx_id,
      h.markup_bps, h.charge_exact, r.charge, r.network, r.is_late, r.is_clamped, h.tickets_hash,
      r.occurred_at, r.received_at
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, day date,
      charge numeric, network numeric, is_late boolean, is_clamped boolean,
      occurred_at timestamptz, received_at timestamptz)
    join billing.holds h on h.id = r.id`;
}

type Sum = {
  bucket: string;
  app_id: string;
  user_id: string;
  key_id: string;
  client_id: string;
  pipeline: string;
  model: string;
  external_user_id: string | null;
  last_used_at: string;
  request_count: number;
  fee_wei: bigint;
  ticket_ev_wei: bigint;
  charge_micros: bigint;
  network_micros: bigint;
  units: bigint;
  billable_ms: bigint;
};

function sumBy(
  events: readonly UsageEvent[],
  bucketOf: (event: UsageEvent) => string,
): readonly Sum[] {
  const sums = new Map<string, Sum>();
  for (const event of events) {
    const bucket = bucketOf(event);
    const key = JSON.stringify([
      event.appId,
      bucket,
      event.userId ?? '',
      event.keyId ?? '',
      event.clientId ?? '',
      event.pipeline,
      event.model,
    ]);
    const sum = sums.get(key) ?? emptySum(event, bucket);
    addEvent(sum, event);
    sums.set(key, sum);
  }
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

function emptySum(event: UsageEvent, bucket: string): Sum {
  return {
    bucket,
    app_id: event.appId,
    user_id: event.userId ?? '',
    key_id: event.keyId ?? '',
    client_id: event.clientId ?? '',
    pipeline: event.pipeline,
    model: event.model,
    external_user_id: null,
    last_used_at: event.occurredAt,
    request_count: 0,
    fee_wei: 0n,
    ticket_ev_wei: 0n,
    charge_micros: 0n,
    network_micros: 0n,
    units: 0n,
    billable_ms: 0n,
  };
}

function addEvent(sum: Sum, event: UsageEvent): void {
  sum.request_count += 1;
  sum.fee_wei += event.feeWei;
  sum.ticket_ev_wei += event.ticketEvWei;
  sum.charge_micros += event.chargeMicros;
  sum.network_micros += event.networkMicros;
  sum.units += event.units;
  sum.billable_ms += event.billableMs;
  if (event.occurredAt > sum.last_used_at) sum.last_used_at = event.occurredAt;
  sum.external_user_id = event.externalUserId ?? sum.external_user_id;
}

const DAILY = addSumsStatement('billing.usage_daily', 'day', 'date');
const HOURLY = addSumsStatement('billing.usage_hourly', 'hour', 'timestamptz');

function addSumsStatement(table: string, bucket: string, type: string): string {
  const sums = ['fee_wei', 'ticket_ev_wei', 'charge_micros', 'network_micros', 'units'];
  const added = ['request_count', ...sums, 'billable_ms'];
  const keys = ['user_id', 'key_id', 'client_id', 'pipeline', 'model'];
  return `
    insert into ${table} as t (app_id, ${bucket}, ${keys.join(', ')}, external_user_id,
      last_used_at, ${added.join(', ')})
    select app_id, bucket, ${keys.join(', ')}, external_user_id, last_used_at,
      ${added.join(', ')}
    from json_to_recordset($1::text::json) as r(app_id text, bucket ${type},
      ${keys.map((name) => `${name} text`).join(', ')}, external_user_id text,
      last_used_at timestamptz, ${added.map((name) => `${name} numeric`).join(', ')})
    on conflict (app_id, ${bucket}, ${keys.join(', ')}) do update set
      external_user_id = coalesce(excluded.external_user_id, t.external_user_id),
      last_used_at = greatest(t.last_used_at, excluded.last_used_at),
      ${added.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`;
}

async function addSums(tx: Transaction, statement: string, sums: readonly Sum[]): Promise<void> {
  const rows = sums.map((sum) => ({
    ...sum,
    fee_wei: sum.fee_wei.toString(),
    ticket_ev_wei: sum.ticket_ev_wei.toString(),
    charge_micros: sum.charge_micros.toString(),
    network_micros: sum.network_micros.toString(),
    units: sum.units.toString(),
    billable_ms: sum.billable_ms.toString(),
  }));
  await tx.unsafe(statement, [JSON.stringify(rows)], { prepare: true });
}
