import type { ChainEventWire } from '@clearinghouse/shared';
import { describe, expect, it } from 'vitest';
import { findDifference, fundsAfter, fundsSaid } from './expect-funds.ts';

const SENDER = `0x${'5e'.repeat(20)}`;
const at = (number: number) => ({ number, hash: String(number).repeat(64).slice(0, 64) });
const said = (depositWei: bigint, reserveWei: bigint, sender = SENDER) => [
  {
    sender,
    depositWei: String(depositWei),
    reserveWei: String(reserveWei),
    withdrawRound: '0',
    lastInitializedRound: '1',
  },
];
const place = { block: at(2), transactionHash: 'a'.repeat(64), logIndex: 0, sender: SENDER };
const recipient = `0x${'0c'.repeat(20)}`;

describe('what the funds must be after', () => {
  it.each<[ChainEventWire, bigint, bigint]>([
    [{ ...place, name: 'DepositFunded', amountWei: '7' }, 107n, 50n],
    [{ ...place, name: 'ReserveFunded', amountWei: '7' }, 100n, 57n],
    [{ ...place, name: 'ReserveClaimed', recipient, amountWei: '7' }, 107n, 43n],
    [{ ...place, name: 'WinningTicketTransfer', recipient, amountWei: '7' }, 93n, 50n],
    [{ ...place, name: 'Withdrawal', depositWei: '100', reserveWei: '50' }, 0n, 0n],
    [{ ...place, name: 'Unlock', startRound: '1', endRound: '3' }, 100n, 50n],
    [{ ...place, sender: recipient, name: 'DepositFunded', amountWei: '7' }, 100n, 50n],
  ])('$name', (event, depositWei, reserveWei) => {
    const after = fundsAfter(fundsSaid(at(1), said(100n, 50n)), at(2), [event]);
    expect(findDifference(after, said(depositWei, reserveWei))).toBeUndefined();
    expect(findDifference(after, said(depositWei + 1n, reserveWei))).toBe(SENDER);
    expect(findDifference(after, said(depositWei, reserveWei + 1n))).toBe(SENDER);
  });

  it('an account that nothing was said of is not judged', () => {
    expect(findDifference(fundsSaid(at(1), []), said(1n, 1n))).toBeUndefined();
  });
});
