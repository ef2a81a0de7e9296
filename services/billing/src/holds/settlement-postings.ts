import type { CapChange } from '../caps/apply-cap-deltas.ts';
import { capOwners, ownerKey } from '../caps/cap.ts';
import {
  type AccountName,
  NETWORK_COST,
  type Posting,
  REVENUE_MARKUP,
  ticketLiability,
  uncollectedAccount,
} from '../ledger/account.ts';
import { accountIdOf } from '../ledger/ensure-accounts.ts';
import type { LedgerTransaction } from '../ledger/post-transactions.ts';
import type { Posted } from './decide-settlements.ts';
import { keepsMoney, sessionCreditDelta } from './hold.ts';

/** The accounts that a batch posts to, the customers' own aside. */
export function accountsOf(posted: readonly Posted[]): AccountName[] {
  const senders = new Set(posted.map(({ hold }) => hold.sender));
  const debtors = new Set(
    posted.flatMap(({ hold, shortMicros }) => (shortMicros > 0n ? [hold.appId] : [])),
  );
  return [
    NETWORK_COST,
    REVENUE_MARKUP,
    ...[...senders].map(ticketLiability),
    ...[...debtors].map(uncollectedAccount),
  ];
}

/**
 * The ledger's view of one payment.
 *
 * USD: the customer pays the network's part and the markup. WEI: the tickets are expected to pay
 * out their value, which is what the network costs us. `undefined` when nothing moved at all.
 */
export function toLedgerTransaction(
  posted: Posted,
  ids: ReadonlyMap<string, bigint>,
): LedgerTransaction | undefined {
  const { hold, chargeMicros, networkMicros, shortMicros } = posted;
  const usd = (accountId: bigint, amount: bigint): Posting => ({
    accountId,
    currency: 'USD',
    amount,
  });
  const networkCost = accountIdOf(ids, NETWORK_COST);
  const postings: Posting[] = [
    usd(hold.accountId, shortMicros - chargeMicros),
    usd(networkCost, networkMicros),
    usd(accountIdOf(ids, REVENUE_MARKUP), chargeMicros - networkMicros),
    { accountId: networkCost, currency: 'WEI', amount: -hold.ticketEvWei },
    {
      accountId: accountIdOf(ids, ticketLiability(hold.sender)),
      currency: 'WEI',
      amount: hold.ticketEvWei,
    },
  ];
  if (shortMicros > 0n) {
    postings.push(usd(accountIdOf(ids, uncollectedAccount(hold.appId)), -shortMicros));
  }
  const moved = postings.filter(({ amount }) => amount !== 0n);
  if (moved.length === 0) return undefined;
  return {
    id: hold.id,
    kind: 'settlement',
    appId: hold.appId,
    effectiveAtMs: posted.occurredAtMs,
    postings: moved,
  };
}

/** What a batch changes in the caps: held goes back, what was used comes in. */
export function capChangesOf(posted: readonly Posted[]): CapChange[] {
  const changes = new Map<string, CapChange>();
  for (const { hold, chargeMicros } of posted) {
    const credit = sessionCreditDelta(hold.ticketEvWei, hold.feeWei);
    const heldCharge = keepsMoney(hold.state) ? hold.chargeHoldMicros : 0n;
    const heldCredit = keepsMoney(hold.state) ? credit : 0n;
    for (const owner of capOwners(hold)) {
      const key = ownerKey(owner);
      const before = changes.get(key);
      changes.set(key, {
        ...owner,
        heldChargeMicros: (before?.heldChargeMicros ?? 0n) - heldCharge,
        heldCreditWei: (before?.heldCreditWei ?? 0n) - heldCredit,
        usedChargeMicros: (before?.usedChargeMicros ?? 0n) + chargeMicros,
        usedCreditWei: (before?.usedCreditWei ?? 0n) + credit,
      });
    }
  }
  return [...changes.values()];
}
