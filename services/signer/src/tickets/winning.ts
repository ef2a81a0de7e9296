import { keccak256 } from './keccak.ts';

/**
 * Whether a ticket wins: uint256(keccak256(signature || recipientRand)) < winProb, strictly.
 * `signature` has 65 bytes, `recipientRand` 32.
 */
export function isWinning(input: {
  readonly signature: Uint8Array;
  readonly recipientRand: Uint8Array;
  readonly winProb: bigint;
}): boolean {
  const outcome = Buffer.from(keccak256(input.signature, input.recipientRand)).toString('hex');
  return BigInt(`0x${outcome}`) < input.winProb;
}
