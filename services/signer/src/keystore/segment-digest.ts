import { ethSignDigest } from '../tickets/eth-sign-digest.ts';
import { keccak256 } from '../tickets/keccak.ts';
import { EMPTY_SEGMENT_HASH } from '../wire/encode-segdata.ts';

/** Sequence number 0 in 32 bytes, then the hash of an empty segment. */
const TAIL = Buffer.concat([Buffer.alloc(32), EMPTY_SEGMENT_HASH]);

/** What is signed for segment credentials: EIP-191 over keccak256(manifestId, 0, empty hash). */
export function segmentDigest(manifestId: string): Uint8Array {
  return ethSignDigest(keccak256(Buffer.from(manifestId, 'utf8'), TAIL));
}
