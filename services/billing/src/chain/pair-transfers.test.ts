import { type ChainEvent, chainEventSchema } from '@clearinghouse/shared';
import { describe, expect, it } from 'vitest';
import { CHAIN_SENDER, RECIPIENT, redemptionEvents } from '../testing/chain-steps.ts';
import { pairTransfers } from './pair-transfers.ts';

const OTHER = `0x${'0d'.repeat(20)}` as typeof RECIPIENT;
const block = { number: 5, hash: 'ab'.repeat(32) };
const redemption = (paidWei: bigint, logIndex: number, recipient = RECIPIENT) =>
  redemptionEvents(block, {
    faceValueWei: paidWei,
    winProb: '1',
    senderNonce: logIndex,
    recipientRandHash: 'cd'.repeat(32),
    round: 1n,
    roundHash: 'ef'.repeat(32),
    paidWei,
    logIndex,
    transactionHash: '1'.repeat(64),
    recipient,
  }).map((event) => chainEventSchema.parse(event));
const paid = (events: readonly ChainEvent[]) =>
  pairTransfers(events).pairs.map(({ transfer }) => transfer?.amountWei);

describe('the transfer of a redemption', () => {
  it('is the one before it, in a batch of several too', () => {
    const events = [...redemption(3n, 0), ...redemption(4n, 2), ...redemption(5n, 4, OTHER)];
    expect(paid(events)).toEqual([3n, 4n, 5n]);
    expect(pairTransfers(events).strays).toEqual([]);
  });

  it('is absent where the funds were empty; the next one’s is not taken for it', () => {
    const [, alone] = redemption(3n, 0);
    if (!alone) throw new Error('no event');
    expect(paid([alone, ...redemption(4n, 2)])).toEqual([undefined, 4n]);
  });

  it('of another transaction is not its own', () => {
    const [transfer] = redemption(3n, 0);
    const [, alone] = redemption(4n, 2);
    if (!transfer || !alone) throw new Error('no event');
    const { pairs, strays } = pairTransfers([
      { ...transfer, transactionHash: '2'.repeat(64) },
      alone,
    ]);
    expect(pairs[0]?.transfer).toBeUndefined();
    expect(strays).toHaveLength(1);
    expect(strays[0]?.sender).toBe(CHAIN_SENDER);
  });
});
