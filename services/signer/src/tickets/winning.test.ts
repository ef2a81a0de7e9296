import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/winning-ticket.json' with { type: 'json' };
import { keccak256 } from './keccak.ts';
import { isWinning } from './winning.ts';

function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

describe(`win test: ${vectors.rule}`, () => {
  test.each(vectors.cases)('winProb $winProb, nonce $senderNonce: $wins', (vector) => {
    const signature = bytes(vector.signature);
    const recipientRand = bytes(`0x${BigInt(vector.recipientRand).toString(16).padStart(64, '0')}`);
    const winProb = BigInt(vector.winProb);
    expect(isWinning({ signature, recipientRand, winProb })).toBe(vector.wins);
    const outcome = BigInt(`0x${Buffer.from(keccak256(signature, recipientRand)).toString('hex')}`);
    expect(outcome).toBe(BigInt(vector.outcomeHashAsUint));
    expect(Buffer.from(keccak256(recipientRand))).toEqual(bytes(vector.recipientRandHash));
  });

  test('the bound is strict', () => {
    const signature = Buffer.alloc(65, 1);
    const recipientRand = Buffer.alloc(32, 2);
    const hash = Buffer.from(keccak256(signature, recipientRand)).toString('hex');
    const outcome = BigInt(`0x${hash}`);
    expect(isWinning({ signature, recipientRand, winProb: outcome })).toBe(false);
    expect(isWinning({ signature, recipientRand, winProb: outcome + 1n })).toBe(true);
  });
});
