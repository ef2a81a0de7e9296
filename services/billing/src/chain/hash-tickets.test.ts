import { hash } from 'node:crypto';
import type { Address } from '@clearinghouse/shared';
import { describe, expect, it } from 'vitest';
import { hashTickets } from './hash-tickets.ts';

const ZERO = `0x${'00'.repeat(20)}` as Address;
const sha256 = (hex: string) => hash('sha256', Buffer.from(hex, 'hex'), 'hex');

describe('hashes of tickets are those of the contract', () => {
  // TestHash of go-livepeer, checked against TicketBroker.getTicketHash.
  it('of TestHash, with a round and its block hash', () => {
    const run = {
      recipient: ZERO,
      sender: ZERO,
      faceValueWei: 0n,
      winProb: 0n,
      recipientRandHash: '00'.repeat(32),
      creationRound: 10n,
      creationBlockHash: '41b1a0649752af1b28b3dc29a1556eee781e4a4c3a1f7f53f90fa834de098c4d',
      nonceFrom: 0,
      nonceTo: 0,
    };
    expect(hashTickets(run)).toBe(
      sha256('e502907c16036ab3d11b78c5a2e93c20f3d6415c67f91de4ed01348182b3b2e2'),
    );
  });

  it('of a ticket that a real TicketBroker redeems', () => {
    const run = {
      recipient: '0x73aed7b5deb30222fa896f399d46cc99c7bee57f' as Address,
      sender: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a' as Address,
      faceValueWei: 1000000000000000000n,
      winProb: 57896044618658097711785492504343953926634992332820282019728792003956564819967n,
      recipientRandHash: '023f1acc2f1cb6fcd282456b7d10ed80ef69c9a59c53680e941d10c14dc9b3ec',
      creationRound: 3000n,
      creationBlockHash: '92ff039842fdfbfefa4600f1bac6084f60613378d82487dba9f38608c95b6ebc',
      nonceFrom: 1,
      nonceTo: 1,
    };
    expect(hashTickets(run)).toBe(
      sha256('179f7670a53b2e00c782a57a070020569b0ec1ff4ba8e7e02e2b7a7bc86dab9e'),
    );
    expect(hashTickets({ ...run, nonceTo: run.nonceTo + 1 })).not.toBe(hashTickets(run));
  });
});
