/** TicketBroker's `ticketValidityPeriod`: a ticket is good in its round and the next. */
const VALID_ROUNDS = 2n;

/** Face value of tickets by the round they were made in. */
export type TicketRisk = {
  readonly add: (
    creationRound: bigint,
    faceValueWei: bigint,
    currentRound: bigint | undefined,
  ) => void;
  /** Of the rounds whose tickets can still be redeemed; all that is known while no round is. */
  readonly atRiskWei: (currentRound: bigint | undefined) => bigint;
};

/** A round may have begun since the chain was read. */
const ROUNDS_AHEAD = 1n;

/**
 * Keeps the sums of the last rounds; older ones are forgotten when they are read. A ticket's round
 * is what an orchestrator's params say: one of which the contract knows no block yet can never be
 * redeemed, and counts for nothing.
 */
export function createTicketRisk(): TicketRisk {
  const byRound = new Map<bigint, bigint>();
  return {
    add: (round, wei, currentRound) => {
      const isGood =
        currentRound === undefined ||
        (round <= currentRound + ROUNDS_AHEAD && round + VALID_ROUNDS > currentRound);
      if (isGood) byRound.set(round, (byRound.get(round) ?? 0n) + wei);
    },
    atRiskWei: (currentRound) => {
      let sum = 0n;
      for (const [round, wei] of byRound) {
        if (currentRound !== undefined && round + VALID_ROUNDS <= currentRound)
          byRound.delete(round);
        else sum += wei;
      }
      return sum;
    },
  };
}
