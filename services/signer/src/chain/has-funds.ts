import type { ChainSnapshot } from '../payments/plan.ts';

/** Can tickets of this sender be redeemed at all? Every payment is refused otherwise. */
export function hasFunds(snapshot: ChainSnapshot | undefined): boolean {
  if (snapshot === undefined) return false;
  const { depositWei, reserveFundsRemainingWei, withdrawRound } = snapshot.sender;
  const isUnlocked = withdrawRound !== 0n && withdrawRound <= snapshot.lastInitializedRound + 1n;
  return depositWei > 0n && reserveFundsRemainingWei > 0n && !isUnlocked;
}
