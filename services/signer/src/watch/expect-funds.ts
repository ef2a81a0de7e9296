import type { BlockRef, ChainEventWire, SenderFundsWire } from '@clearinghouse/shared';

/** What accounts must have at a block, by what the contract said before and the events since. */
export type ExpectedFunds = {
  readonly at: BlockRef;
  readonly funds: ReadonlyMap<string, { readonly depositWei: bigint; readonly reserveWei: bigint }>;
};

/** What the contract said at a block. */
export function fundsSaid(at: BlockRef, said: readonly SenderFundsWire[]): ExpectedFunds {
  const funds = said.map(({ sender, depositWei, reserveWei }) => {
    return [sender, { depositWei: BigInt(depositWei), reserveWei: BigInt(reserveWei) }] as const;
  });
  return { at, funds: new Map(funds) };
}

/** What they must have after these events. */
export function fundsAfter(
  before: ExpectedFunds,
  at: BlockRef,
  events: readonly ChainEventWire[],
): ExpectedFunds {
  const funds = new Map(before.funds);
  for (const event of events) {
    const had = funds.get(event.sender);
    if (had === undefined) continue;
    const { depositWei, reserveWei } = movedBy(event);
    funds.set(event.sender, {
      depositWei: had.depositWei + depositWei,
      reserveWei: had.reserveWei + reserveWei,
    });
  }
  return { at, funds };
}

/** The first account of which the contract says something else; absent: it all fits. */
export function findDifference(
  expected: ExpectedFunds,
  said: readonly SenderFundsWire[],
): string | undefined {
  return said.find(({ sender, depositWei, reserveWei }) => {
    const funds = expected.funds.get(sender);
    if (funds === undefined) return false;
    return funds.depositWei !== BigInt(depositWei) || funds.reserveWei !== BigInt(reserveWei);
  })?.sender;
}

function movedBy(event: ChainEventWire): { depositWei: bigint; reserveWei: bigint } {
  switch (event.name) {
    case 'DepositFunded':
      return { depositWei: BigInt(event.amountWei), reserveWei: 0n };
    case 'ReserveFunded':
      return { depositWei: 0n, reserveWei: BigInt(event.amountWei) };
    // What the deposit lacks for a winning ticket comes out of the reserve, and goes with it.
    case 'ReserveClaimed':
      return { depositWei: BigInt(event.amountWei), reserveWei: -BigInt(event.amountWei) };
    case 'WinningTicketTransfer':
      return { depositWei: -BigInt(event.amountWei), reserveWei: 0n };
    case 'Withdrawal':
      return { depositWei: -BigInt(event.depositWei), reserveWei: -BigInt(event.reserveWei) };
    default:
      return { depositWei: 0n, reserveWei: 0n };
  }
}
