import type { ChainEvent } from '@clearinghouse/shared';

export type Transfer = Extract<ChainEvent, { name: 'WinningTicketTransfer' }>;
export type Redeemed = Extract<ChainEvent, { name: 'WinningTicketRedeemed' }>;

/** A redeemed ticket and what it paid; with empty funds a winning ticket pays nothing at all. */
export type PairedRedemption = {
  readonly redeemed: Redeemed;
  readonly transfer: Transfer | undefined;
};

/**
 * Finds the transfer of each redemption. The contract says `WinningTicketTransfer` just before
 * `WinningTicketRedeemed`; a batch of redemptions is one transaction with several such pairs.
 *
 * @param events in the order of the chain.
 */
export function pairTransfers(events: readonly ChainEvent[]): {
  readonly pairs: readonly PairedRedemption[];
  /** Transfers without a redemption: no contract of Livepeer's does that. */
  readonly strays: readonly Transfer[];
} {
  const waiting = new Map<string, Transfer>();
  const strays: Transfer[] = [];
  const pairs: PairedRedemption[] = [];
  for (const event of events) {
    if (event.name !== 'WinningTicketTransfer' && event.name !== 'WinningTicketRedeemed') continue;
    const key = `${event.transactionHash} ${event.sender} ${event.recipient}`;
    const transfer = waiting.get(key);
    waiting.delete(key);
    if (event.name === 'WinningTicketRedeemed') pairs.push({ redeemed: event, transfer });
    else {
      if (transfer) strays.push(transfer);
      waiting.set(key, event);
    }
  }
  return { pairs, strays: [...strays, ...waiting.values()] };
}
