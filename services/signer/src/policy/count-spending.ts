import { POLICY_LIMITS } from '../limits.ts';

/** The expected value that each recipient was given in the last hour, by this process. */
export type Spending = {
  /**
   * Adds it unless the hour's sum would pass `mostWei`. What comes back takes it away again, for
   * what is never given out: to be called once.
   */
  readonly take: (recipient: string, valueWei: bigint, mostWei: bigint) => GiveBack | undefined;
};

export type GiveBack = () => void;

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
  const add = (recipient: string, valueWei: bigint, slots: Slot[], now: number): Slot => {
    const last = slots.at(-1);
    const slot = last?.slot === now ? last : { slot: now, sumWei: 0n };
    if (slot !== last) slots.push(slot);
    slot.sumWei += valueWei;
    byRecipient.delete(recipient);
    byRecipient.set(recipient, slots);
    return slot;
  };
  /** Whoever was only ever asked for must not push out those who were paid. */
  const forgetUnpaid = (recipient: string) => {
    const isUnpaid = byRecipient.get(recipient)?.every(({ sumWei }) => sumWei === 0n);
    if (isUnpaid) byRecipient.delete(recipient);
  };
  return {
    take: (recipient, valueWei, mostWei) => {
      const now = slotNow();
      const slots = live(recipient, now);
      const sumWei = slots.reduce((sum, slot) => sum + slot.sumWei, 0n);
      if (sumWei + valueWei > mostWei) return undefined;
      const slot = add(recipient, valueWei, slots, now);
      if (byRecipient.size > POLICY_LIMITS.spendersMax) {
        const [oldest] = byRecipient.keys();
        if (oldest !== undefined) byRecipient.delete(oldest);
      }
      // Out of the slot that it went into: in a later one it would leave room that is none.
      return () => {
        slot.sumWei -= valueWei;
        forgetUnpaid(recipient);
      };
    },
  };
}
