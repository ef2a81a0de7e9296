import { describe, expect, it } from 'vitest';
import { HOLD_STATE } from '../holds/hold.ts';
import { CHAIN_SENDER, RECIPIENT } from '../testing/chain-steps.ts';
import { hashTickets } from './hash-tickets.ts';
import {
  type CandidateHold,
  judgeRedemption,
  type Redemption,
  type RedemptionContext,
} from './judge-redemption.ts';

const ticket: Redemption = {
  sender: CHAIN_SENDER,
  recipient: RECIPIENT,
  faceValueWei: 1_000n,
  winProb: 77n,
  senderNonce: 5n,
  recipientRandHash: 'ab'.repeat(32),
  creation: { round: 20n, blockHash: 'cd'.repeat(32) },
  paidWei: 1_000n,
};
const run = {
  sender: ticket.sender,
  recipient: ticket.recipient,
  faceValueWei: ticket.faceValueWei,
  winProb: ticket.winProb,
  recipientRandHash: ticket.recipientRandHash,
  creationRound: 20n,
  creationBlockHash: 'cd'.repeat(32),
  nonceFrom: 4,
  nonceTo: 6,
};
const hold: CandidateHold = {
  ...run,
  id: 'hold-1',
  state: HOLD_STATE.settled,
  ticketsHash: hashTickets(run),
};
const judge = (change: Partial<Redemption> = {}, context: Partial<RedemptionContext> = {}) =>
  judgeRedemption(
    { ...ticket, ...change },
    { candidates: [hold], adoptedAtRound: 0n, coSigner: undefined, ...context },
  );

describe('a redeemed ticket is ours', () => {
  it('when it is the very one that was settled', () => {
    expect(judge()).toEqual({ kind: 'signed', holdId: 'hold-1' });
  });

  it.each<[string, Partial<Redemption>]>([
    ['another face value', { faceValueWei: 1_001n }],
    ['another win probability', { winProb: 78n }],
    ['another round', { creation: { round: 21n, blockHash: 'cd'.repeat(32) } }],
    ['another block hash', { creation: { round: 20n, blockHash: 'ce'.repeat(32) } }],
    ['no round at all', { creation: undefined }],
    // Who knows the key and a revealed recipientRand can copy all but this.
    ['another recipient', { recipient: CHAIN_SENDER }],
  ])('and not with %s', (_name, change) => {
    expect(judge(change)).toEqual({ kind: 'unknown' });
  });

  it('perhaps, while its hold is open or disputed', () => {
    for (const state of [HOLD_STATE.open, HOLD_STATE.disputed]) {
      const candidates = [{ ...hold, state, ticketsHash: undefined }];
      expect(judge({}, { candidates })).toEqual({ kind: 'unsettled', holdId: 'hold-1' });
    }
  });

  it('not, when its signer said that it signed nothing', () => {
    for (const state of [HOLD_STATE.released, HOLD_STATE.expired]) {
      const candidates = [{ ...hold, state, ticketsHash: undefined }];
      expect(judge({}, { candidates })).toEqual({ kind: 'unknown' });
    }
  });
});

describe('pre_adoption: before adopted_at_round', () => {
  const candidates: CandidateHold[] = [];

  it('a ticket of an earlier round', () => {
    expect(judge({}, { candidates, adoptedAtRound: 21n }).kind).toBe('pre_adoption');
  });

  it('not one of that round', () => {
    expect(judge({}, { candidates, adoptedAtRound: 20n }).kind).toBe('unknown');
  });
});

describe('co_signer: declared, within its bound', () => {
  const candidates: CandidateHold[] = [];
  const within = (boundWei: bigint, redeemedWei: bigint) =>
    judge({}, { candidates, coSigner: { boundWei, redeemedWei } }).kind;

  it('up to the bound', () => {
    expect(within(1_000n, 0n)).toBe('co_signer');
    expect(within(3_000n, 2_000n)).toBe('co_signer');
  });

  it('above it, and undeclared, it is unknown', () => {
    expect(within(999n, 0n)).toBe('unknown');
    expect(within(3_000n, 2_001n)).toBe('unknown');
    expect(judge({}, { candidates }).kind).toBe('unknown');
  });
});
