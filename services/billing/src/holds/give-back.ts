import type { Transaction } from '@clearinghouse/shared';
import { applyCapDeltas, type CapChange } from '../caps/apply-cap-deltas.ts';
import { capOwners, ownerKey } from '../caps/cap.ts';
import { inOneFlight } from '../db/in-one-flight.ts';
import type { SettleHold } from './decide-settlements.ts';
import { HOLD_STATE, keepsMoney, sessionCreditDelta } from './hold.ts';

/**
 * Gives back the money of holds that were not signed: to their balances and to every cap. The
 * caller holds the locks of the balances and has read the holds under them.
 */
export async function giveBack(
  tx: Transaction,
  input: {
    holds: readonly SettleHold[];
    to: typeof HOLD_STATE.released | typeof HOLD_STATE.expired;
    nowMs: number;
  },
): Promise<void> {
  const holds = input.holds.filter((hold) => keepsMoney(hold.state));
  if (holds.length === 0) return;
  const day = new Date(input.nowMs).toISOString().slice(0, 10);
  await inOneFlight([
    closeHolds(tx, holds, input.to),
    freeBalances(tx, holds),
    applyCapDeltas(tx, { changes: capChanges(holds), day, openSessionCredit: false }),
  ]);
}

async function closeHolds(
  tx: Transaction,
  holds: readonly SettleHold[],
  to: number,
): Promise<void> {
  const closed = await tx`
    update billing.holds set state = ${to}, closed_at = clock_timestamp()
    where id = any(${holds.map(({ id }) => id)}::uuid[])
      and state in (${HOLD_STATE.open}, ${HOLD_STATE.disputed})`;
  if (closed.count !== holds.length) throw new Error('holds changed under their lock');
}

async function freeBalances(tx: Transaction, holds: readonly SettleHold[]): Promise<void> {
  const sums = new Map<bigint, bigint>();
  for (const { accountId, chargeHoldMicros } of holds) {
    sums.set(accountId, (sums.get(accountId) ?? 0n) + chargeHoldMicros);
  }
  await tx`
    update billing.balances b set held = b.held - d.freed, version = b.version + 1
    from unnest(${[...sums.keys()].map(String)}::text[]::bigint[],
      ${[...sums.values()].map(String)}::text[]::numeric[]) as d(account_id, freed)
    where b.account_id = d.account_id and b.currency = 'USD'`;
}

function capChanges(holds: readonly SettleHold[]): CapChange[] {
  const changes = new Map<string, CapChange>();
  for (const hold of holds) {
    const credit = sessionCreditDelta(hold.ticketEvWei, hold.feeWei);
    for (const owner of capOwners(hold)) {
      const before = changes.get(ownerKey(owner));
      changes.set(ownerKey(owner), {
        ...owner,
        heldChargeMicros: (before?.heldChargeMicros ?? 0n) - hold.chargeHoldMicros,
        heldCreditWei: (before?.heldCreditWei ?? 0n) - credit,
        usedChargeMicros: 0n,
        usedCreditWei: 0n,
      });
    }
  }
  return [...changes.values()];
}
