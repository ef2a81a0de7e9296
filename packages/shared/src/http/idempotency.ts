import { createHash } from 'node:crypto';
import type { Transaction } from '../db/connect.ts';
import { ServiceError } from '../errors/service-error.ts';

/** One replay header everywhere. */
export const REPLAYED_HEADER = 'Idempotency-Replayed';
const KEY = /^[\x21-\x7e]{1,255}$/;

/** What was answered the first time. */
export type StoredAnswer = { readonly status: number; readonly body: unknown };

/**
 * Runs a mutation once per key: inside the caller's transaction the key is inserted first, so
 * that two at the same time take turns; the second one finds the answer.
 *
 * Needs a table `idempotency_keys (scope text, key text, input_hash bytea, status int,
 * body jsonb, created_at timestamptz, primary key (scope, key))` in `schema`.
 *
 * @param input.scope who asks and what: keys of different callers never meet.
 * @throws ServiceError `idempotency_key_required`, `idempotency_mismatch` (same key, other input).
 */
export async function runOnce(
  tx: Transaction,
  input: { schema: string; scope: string; key: string | undefined; rawInput: Uint8Array },
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer & { replayed: boolean }> {
  const { schema, scope, key } = input;
  if (!key || !KEY.test(key)) throw new ServiceError('idempotency_key_required');
  const hash = createHash('sha256').update(input.rawInput).digest();
  const table = tx(`${schema}.idempotency_keys`);
  const inserted = await tx`
    insert into ${table} (scope, key, input_hash) values (${scope}, ${key}, ${hash})
    on conflict do nothing returning 1`;
  if (inserted.length === 0) {
    const [row] = await tx<{ input_hash: Buffer; status: number; body: unknown }[]>`
      select input_hash, status, body from ${table} where scope = ${scope} and key = ${key}`;
    if (!row) throw new ServiceError('conflict');
    if (!hash.equals(row.input_hash)) throw new ServiceError('idempotency_mismatch');
    return { status: row.status, body: row.body, replayed: true };
  }
  const answer = await work();
  await tx`
    update ${table} set status = ${answer.status}, body = ${tx.json(answer.body as never)}
    where scope = ${scope} and key = ${key}`;
  return { ...answer, replayed: false };
}

/** Leaves a key of this transaction free again: what it was taken for was refused. */
export async function forgetOnce(
  tx: Transaction,
  input: { schema: string; scope: string; key: string },
): Promise<void> {
  await tx`
    delete from ${tx(`${input.schema}.idempotency_keys`)}
    where scope = ${input.scope} and key = ${input.key}`;
}
