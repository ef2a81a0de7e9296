import type { Transaction } from '@clearinghouse/shared';

/** What an app is to be told; delivered later, at least once, in the order of its id. */
export type OutboxMessage = {
  readonly topic: 'usage.settled' | 'balance.credited' | 'account.suspended';
  readonly appId: string;
  /** Money as decimal strings. */
  readonly payload: unknown;
};

/** Writes messages in the transaction of the money they speak of. */
export async function writeOutbox(
  tx: Transaction,
  messages: readonly OutboxMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  await tx`
    insert into billing.outbox (topic, app_id, payload)
    select topic, "appId", payload
    from json_to_recordset(${JSON.stringify(messages)}::text::json)
      as r(topic text, "appId" text, payload jsonb)`;
}
