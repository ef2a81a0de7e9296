import { POLICY_LIMITS } from '../limits.ts';

/** The expected value that each recipient was given in the last hour, by this process. */
export type Spending = {
  /** Adds it unless the hour's sum would pass `mostWei`. */
  readonly take: (recipient: string, valueWei: bigint, mostWei: bigint) => boolean;
  /** Takes back what was added and never given out. */
  readonly giveBack: (recipient: string, valueWei: bigint) => void;
};

type Slot = { readonly slot: number; sumWei: bigint };

/**
 * Makes the count, in slots of five minutes: a slot counts until its last moment is an hour old, so
 * that no hour ever sees more than its bound, and a payment is counted for up to 65 minutes.
 */
export function createSpending(deps: { readonly monotonicMs: () => number }): Spending {
  const byRecipient = new Map<string, Slot[]>();
  const slotNow = () => Math.floor(deps.monotonicMs() / POLICY_LIMITS.slotMs);
  const live = (recipient: string, now: number): Slot[] =>
    (byRecipient.get(recipient) ?? []).filter(({ slot }) => now - slot <= POLICY_LIMITS.slots);
  const add = (recipient: string, valueWei: bigint, slots: Slot[], now: number) => {
    const last = slots.at(-1);
    if (last?.slot === now) last.sumWei += valueWei;
    else slots.push({ slot: now, sumWei: valueWei });
    byRecipient.delete(recipient);
    byRecipient.set(recipient, slots);
  };
  return {
    take: (recipient, valueWei, mostWei) => {
      const now = slotNow();
      const slots = live(recipient, now);
      const sumWei = slots.reduce((sum, slot) => sum + slot.sumWei, 0n);
      if (sumWei + valueWei > mostWei) return false;
      add(recipient, valueWei, slots, now);
      if (byRecipient.size > POLICY_LIMITS.spendersMax) {
        const [oldest] = byRecipient.keys();
        if (oldest !== undefined) byRecipient.delete(oldest);
      }
      return true;
    },
    giveBack: (recipient, valueWei) => {
      const last = byRecipient.get(recipient)?.at(-1);
      // In the slot that is there: less than nothing in it makes up for the one before.
      if (last) last.sumWei -= valueWei;
    },
  };
}
