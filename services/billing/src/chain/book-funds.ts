import type { Address, SenderFundsAt, Transaction } from '@clearinghouse/shared';
import type { Alarm } from '../alarms/raise-alarms.ts';
import type { ChainBook } from './chain-book.ts';
import type { FundsMoved } from './chain-postings.ts';

/** Adds what events moved to what the books say of each account. */
export async function bookFunds(
  tx: Transaction,
  chain: string,
  moves: readonly { readonly sender: Address; readonly moved: FundsMoved }[],
): Promise<void> {
  const sums = new Map<Address, { depositWei: bigint; reserveWei: bigint }>();
  for (const { sender, moved } of moves) {
    const sum = sums.get(sender) ?? { depositWei: 0n, reserveWei: 0n };
    sum.depositWei += moved.depositWei;
    sum.reserveWei += moved.reserveWei;
    sums.set(sender, sum);
  }
  for (const [sender, { depositWei, reserveWei }] of sums) {
    await tx`
      update billing.chain_senders set
        booked_deposit_wei = booked_deposit_wei + ${depositWei.toString()}::numeric,
        booked_reserve_wei = booked_reserve_wei + ${reserveWei.toString()}::numeric
      where chain = ${chain} and sender = ${Buffer.from(sender.slice(2), 'hex')}`;
  }
}

type FundsRow = { deposit: string; reserve: string };

/**
 * Notes what the contract itself says at the block of the cursor.
 *
 * @returns an alarm for each account whose events sum to something else.
 */
export async function observeFunds(
  tx: Transaction,
  book: Pick<ChainBook, 'chain'>,
  at: { readonly number: number; readonly observed: readonly SenderFundsAt[] },
): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  for (const funds of at.observed) {
    const [row] = await tx<FundsRow[]>`
      update billing.chain_senders set
        observed_deposit_wei = ${funds.depositWei.toString()},
        observed_reserve_wei = ${funds.reserveWei.toString()},
        observed_withdraw_round = ${funds.withdrawRound.toString()},
        observed_round = ${funds.lastInitializedRound.toString()},
        observed_number = ${at.number}, observed_at = clock_timestamp()
      where chain = ${book.chain} and sender = ${Buffer.from(funds.sender.slice(2), 'hex')}
      returning booked_deposit_wei as deposit, booked_reserve_wei as reserve`;
    if (!row || isBooked(row, funds)) continue;
    alarms.push({
      kind: 'chain_funds_differ',
      subject: `${book.chain} ${funds.sender}`,
      detail: {
        block: at.number,
        depositWei: funds.depositWei.toString(),
        bookedDepositWei: row.deposit,
        reserveWei: funds.reserveWei.toString(),
        bookedReserveWei: row.reserve,
      },
    });
  }
  return alarms;
}

function isBooked(row: FundsRow, funds: SenderFundsAt): boolean {
  return BigInt(row.deposit) === funds.depositWei && BigInt(row.reserve) === funds.reserveWei;
}
