import { type ReleaseResult, type Sql, withTransaction } from '@clearinghouse/shared';
import type { SettleHold } from './decide-settlements.ts';
import { giveBack } from './give-back.ts';
import { HOLD_STATE, keepsMoney } from './hold.ts';
import { readSettleBook } from './read-settle-book.ts';

export type ReleaseHoldsDeps = { readonly sql: Sql };

/**
 * Releases holds that were granted and, says their signer, not signed. A hold that was granted
 * again meanwhile is left to the sweeper: another asker may be signing it now.
 *
 * @returns one result for each id: `released`, `already` (given back before), `settled` (its
 * payment was signed after all: refused), `unknown`.
 */
export async function releaseHolds(
  deps: ReleaseHoldsDeps,
  holdIds: readonly string[],
): Promise<ReleaseResult[]> {
  return await withTransaction(
    deps.sql,
    async (tx) => {
      const book = await readSettleBook(tx, holdIds);
      const shared = new Set(await findReplayed(tx, holdIds));
      const free = [...book.holds.values()].filter(({ id }) => !shared.has(id));
      await giveBack(tx, { holds: free, to: HOLD_STATE.released, nowMs: book.nowMs });
      return holdIds.map((id) => resultOf(book.holds.get(id)));
    },
    { idempotent: true },
  );
}

async function findReplayed(
  tx: Parameters<typeof readSettleBook>[0],
  holdIds: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from billing.holds where id = any(${holdIds}::uuid[]) and replays > 0`;
  return rows.map(({ id }) => id);
}

function resultOf(hold: SettleHold | undefined): ReleaseResult {
  if (!hold) return 'unknown';
  if (keepsMoney(hold.state)) return 'released';
  return hold.state === HOLD_STATE.settled ? 'settled' : 'already';
}
