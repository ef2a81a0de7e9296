import {
  type Redemption,
  redeemTicket,
  type SenderFunds,
  type WinningTicket,
} from '@clearinghouse/gateway-double';
import type { Network } from './open-network.ts';

/** What redeeming took from the sender, by the contract's own books and events. */
export type RedeemedWinners = {
  readonly redemptions: readonly Redemption[];
  readonly before: SenderFunds;
  readonly after: SenderFunds;
};

const ANNOUNCE_EVERY = 10;

/**
 * Redeems every winning ticket on the chain, one transaction each.
 *
 * @throws Error when the contract refuses a ticket.
 */
export async function redeemWinners(
  network: Network,
  input: {
    readonly ticketBroker: string;
    readonly sender: string;
    readonly winners: readonly WinningTicket[];
    readonly progress: (line: string) => void;
  },
): Promise<RedeemedWinners> {
  const before = await network.fundsOf(input.sender);
  const redemptions: Redemption[] = [];
  const deps = { redeemer: network.redeemer, ticketBroker: input.ticketBroker };
  for (const winner of input.winners) {
    redemptions.push(await redeemTicket(deps, winner));
    if (redemptions.length % ANNOUNCE_EVERY === 0) {
      input.progress(`  ${redemptions.length} of ${input.winners.length} redeemed`);
    }
  }
  return { redemptions, before, after: await network.fundsOf(input.sender) };
}
