/** TicketBroker's `ticketValidityPeriod`: a ticket is good in its round and the next. */
const VALID_ROUNDS = 2n;

/** Face value of tickets by the round they were made in. */
export type TicketRisk = {
  readonly add: (creationRound: bigint, faceValueWei: bigint) => void;
  /** Of the rounds whose tickets can still be redeemed; all that is known while no round is. */
  readonly atRiskWei: (currentRound: bigint | undefined) => bigint;
};

/** Keeps the sums of the last rounds; older ones are forgotten when they are read. */
export function createTicketRisk(): TicketRisk {
  const byRound = new Map<bigint, bigint>();
  return {
    add: (round, wei) => void byRound.set(round, (byRound.get(round) ?? 0n) + wei),
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
