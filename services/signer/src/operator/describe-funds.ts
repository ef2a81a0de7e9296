import type { Funds } from './read-funds.ts';

/** The operator's bounds that decide what a ticket may cost. */
export type FundsBounds = {
  /** A ticket's face value is at most the deposit divided by this. */
  readonly depositMultiplier: bigint;
  /** The operator's own bound; absent: none. */
  readonly faceValueMaxWei: bigint | undefined;
};

/** What the funds mean, in texts as they are printed: wei, whole rounds. */
export type FundsView = {
  readonly address: string;
  readonly ticketBroker: string;
  readonly block: string;
  readonly walletWei: string;
  readonly depositWei: string;
  readonly reserveWei: string;
  readonly currentRound: string;
  readonly unlock:
    | { readonly state: 'locked' }
    | { readonly state: 'unlocking' | 'withdrawable'; readonly withdrawRound: string };
  /** The dearest ticket that is signed with these funds and bounds. */
  readonly maxFaceValueWei: string;
  /** Of such tickets: how many may win before the deposit lacks something. */
  readonly ticketsCoveredByDeposit: string;
  /** What the reserve pays one orchestrator in a round when the deposit is empty. */
  readonly reserveForOneWei: string;
  /** Payments are made with these funds; else why not. */
  readonly payments: 'made' | 'no_deposit' | 'no_reserve' | 'unlocking';
};

/**
 * Says what funds mean.
 *
 * @param faceValueWei to be asked about instead of the dearest ticket.
 */
export function describeFunds(funds: Funds, bounds: FundsBounds, faceValueWei?: bigint): FundsView {
  const { depositWei, reserveWei, claimedWei, poolSize } = funds;
  const byDeposit = depositWei / bounds.depositMultiplier;
  const { faceValueMaxWei } = bounds;
  const isBounded = faceValueMaxWei !== undefined && faceValueMaxWei < byDeposit;
  const maxFaceValueWei = isBounded ? faceValueMaxWei : byDeposit;
  const worstWei = faceValueWei ?? maxFaceValueWei;
  return {
    address: funds.address,
    ticketBroker: funds.ticketBroker,
    block: BigInt(funds.block.number).toString(),
    walletWei: funds.walletWei.toString(),
    depositWei: depositWei.toString(),
    reserveWei: reserveWei.toString(),
    currentRound: funds.currentRound.toString(),
    unlock: unlockOf(funds),
    maxFaceValueWei: maxFaceValueWei.toString(),
    ticketsCoveredByDeposit: (worstWei === 0n ? 0n : depositWei / worstWei).toString(),
    reserveForOneWei: (poolSize === 0n ? 0n : (reserveWei + claimedWei) / poolSize).toString(),
    payments: paymentsOf(funds),
  };
}

function unlockOf({ withdrawRound, currentRound }: Funds): FundsView['unlock'] {
  if (withdrawRound === 0n) return { state: 'locked' };
  const state = currentRound >= withdrawRound ? 'withdrawable' : 'unlocking';
  return { state, withdrawRound: withdrawRound.toString() };
}

/** As the check of each payment has it: an unlock stops them a round before its end. */
function paymentsOf(funds: Funds): FundsView['payments'] {
  const { withdrawRound, currentRound } = funds;
  if (withdrawRound !== 0n && withdrawRound <= currentRound + 1n) return 'unlocking';
  if (funds.reserveWei === 0n) return 'no_reserve';
  return funds.depositWei === 0n ? 'no_deposit' : 'made';
}
