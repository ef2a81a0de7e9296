import type { SettleItem, Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';

/**
 * Settles a batch of which every hold is open, in one statement, which is its own transaction; see
 * its migration.
 *
 * @returns whether it did; otherwise nothing was written.
 */
export async function settleAtOnce(
  deps: { readonly sql: Sql },
  items: readonly SettleItem[],
): Promise<boolean> {
  const ids = new Set(items.map(({ holdId }) => holdId));
  if (ids.size !== items.length) return false;
  const [row] = await deps.sql.unsafe<{ settled: boolean }[]>(
    SETTLE,
    [
      toList(items, ({ holdId }) => holdId),
      toList(items, ({ paymentHash }) => `"\\\\x${paymentHash}"`),
      toList(items, ({ ticketsHash }) => `"\\\\x${ticketsHash}"`),
      toList(items, ({ signedAtNs }) => signedAtNs.toString()),
      LIMITS.clockAheadMaxMs.toString(),
      LIMITS.clockBehindMaxMs.toString(),
    ],
    { prepare: true },
  );
  return row?.settled === true;
}

/** The elements hold no character that an array literal would have quoted. */
function toList(items: readonly SettleItem[], pick: (item: SettleItem) => string): string {
  return `{${items.map(pick).join(',')}}`;
}

const SETTLE = `
  select billing.settle_holds($1::text::uuid[], $2::text::bytea[], $3::text::bytea[],
    $4::text::numeric[], $5::text::bigint, $6::text::bigint) as settled`;
