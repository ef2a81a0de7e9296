import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/ticket-hash-and-signature.json' with { type: 'json' };
import { takeCustody } from '../keystore/custody.ts';
import { ethSignDigest } from './eth-sign-digest.ts';
import { keccak256 } from './keccak.ts';
import { packTicket, replaceNonce } from './pack-ticket.ts';
import type { Ticket } from './ticket.ts';
import { ticketHash } from './ticket-hash.ts';
import { isWinning } from './winning.ts';

type TicketVector = (typeof vectors.goTestHash)[number]['ticket'];

function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

function hex(value: Uint8Array): string {
  return `0x${Buffer.from(value).toString('hex')}`;
}

function ticketOf(vector: TicketVector): Ticket {
  return {
    recipient: bytes(vector.recipient),
    sender: bytes(vector.sender),
    faceValueWei: BigInt(vector.faceValue),
    winProb: BigInt(vector.winProb),
    senderNonce: Number(vector.senderNonce),
    recipientRandHash: bytes(vector.recipientRandHash),
    creationRound: BigInt(vector.creationRound),
    creationBlockHash: bytes(vector.creationRoundBlockHash),
  };
}

/** The signature that custody makes of one ticket. */
function signOne(privateKey: string, ticket: Ticket): string {
  const custody = takeCustody(bytes(privateKey));
  const { senderNonce, sender: _, ...shared } = ticket;
  const batch = { ...shared, nonceFrom: senderNonce, count: 1 };
  return hex(custody.signTickets(batch).signatures);
}

describe('ticket hash: the constants of go-livepeer TestHash', () => {
  test.each(vectors.goTestHash)('$hash', (vector) => {
    expect(hex(packTicket(ticketOf(vector.ticket)))).toBe(vector.flattened);
    expect(hex(ticketHash(ticketOf(vector.ticket)))).toBe(vector.hash);
  });
});

describe('ticket auxData: go-livepeer TestAuxData', () => {
  test.each(vectors.auxDataGoTest)('round $round, hash $hash', (vector) => {
    const [first] = vectors.goTestHash;
    if (first === undefined) throw new Error('no vector');
    const packed = packTicket({
      ...ticketOf(first.ticket),
      creationRound: BigInt(vector.round),
      creationBlockHash: bytes(vector.hash),
    });
    expect(hex(packed.subarray(168))).toBe(vector.auxData);
  });
});

describe('ticket signatures', () => {
  test.each(vectors.signed)('$hash', (vector) => {
    const ticket = ticketOf(vector.ticket);
    expect(hex(packTicket(ticket))).toBe(vector.flattened);
    expect(hex(ticketHash(ticket))).toBe(vector.hash);
    expect(hex(ethSignDigest(ticketHash(ticket)))).toBe(vector.eip191Digest);
    expect(signOne(vector.privateKey, ticket)).toBe(vector.signature);
  });

  test('the ticket that a real TicketBroker redeemed', () => {
    const { t, sig, privateKey, recipientRand } = vectors.onChainRedeemed;
    expect(signOne(privateKey, ticketOf(t))).toBe(sig);
    const rand = bytes(`0x${BigInt(recipientRand).toString(16).padStart(64, '0')}`);
    expect(hex(keccak256(rand))).toBe(t.recipientRandHash);
    const winProb = BigInt(t.winProb);
    expect(isWinning({ signature: bytes(sig), recipientRand: rand, winProb })).toBe(true);
  });

  test('what TicketBroker refused differs in its hash from what it redeemed', () => {
    const { t } = vectors.onChainRedeemed;
    const ticket = ticketOf(t);
    const changed: Ticket[] = [
      { ...ticket, faceValueWei: ticket.faceValueWei + 1n },
      { ...ticket, winProb: ticket.winProb + 1n },
      { ...ticket, senderNonce: ticket.senderNonce + 1 },
      { ...ticket, recipient: Buffer.alloc(20, 1) },
      { ...ticket, creationRound: ticket.creationRound - 1n },
      { ...ticket, creationBlockHash: Buffer.alloc(32, 1) },
      { ...ticket, creationRound: 0n, creationBlockHash: Buffer.alloc(32) },
    ];
    const hashes = new Set([ticket, ...changed].map((one) => hex(ticketHash(one))));
    expect(hashes.size).toBe(changed.length + 1);
    expect(packTicket(ticket)).toHaveLength(232);
    expect(changed.map((one) => packTicket(one).length)).toEqual([...Array(6).fill(232), 168]);
  });

  test('another nonce in a packed ticket is the packed ticket of that nonce', () => {
    const ticket = ticketOf(vectors.onChainRedeemed.t);
    const packed = packTicket(ticket);
    replaceNonce(packed, 0xffff_ffff);
    expect(packed).toEqual(packTicket({ ...ticket, senderNonce: 0xffff_ffff }));
  });
});
