import type { ChainEvent } from '@clearinghouse/shared';
import type { AccountName } from '../ledger/account.ts';
import type { ChainAccounts, RedemptionKind } from './chain-account.ts';

/** One side of what an event moves, in wei. */
export type ChainPosting = { readonly account: AccountName; readonly amount: bigint };

/** What an event moves in the contract: positive comes in. */
export type FundsMoved = { readonly depositWei: bigint; readonly reserveWei: bigint };

/** What an event moves in the contract; a redemption itself moves nothing, its transfer does. */
export function fundsMovedBy(event: ChainEvent): FundsMoved {
  switch (event.name) {
    case 'DepositFunded':
      return { depositWei: event.amountWei, reserveWei: 0n };
    case 'ReserveFunded':
      return { depositWei: 0n, reserveWei: event.amountWei };
    // What the deposit lacks for a winning ticket comes out of the reserve, and then goes with it.
    case 'ReserveClaimed':
      return { depositWei: event.amountWei, reserveWei: -event.amountWei };
    case 'WinningTicketTransfer':
      return { depositWei: -event.amountWei, reserveWei: 0n };
    case 'Withdrawal':
      return { depositWei: -event.depositWei, reserveWei: -event.reserveWei };
    default:
      return { depositWei: 0n, reserveWei: 0n };
  }
}

/**
 * The ledger's view of what moved: what stands in the contract is ours, so its accounts are below
 * zero by it, like cash. `paidFor` says what a redemption is set against; anything else comes from
 * the wallet, or goes there.
 */
export function postingsOf(
  accounts: ChainAccounts,
  moved: FundsMoved,
  paidFor?: RedemptionKind,
): ChainPosting[] {
  const { deposit, reserve, wallet, redeemed } = accounts;
  const other = paidFor === undefined ? wallet : redeemed[paidFor];
  return [
    { account: deposit, amount: -moved.depositWei },
    { account: reserve, amount: -moved.reserveWei },
    { account: other, amount: moved.depositWei + moved.reserveWei },
  ].filter(({ amount }) => amount !== 0n);
}
