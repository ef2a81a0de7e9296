import { toHex, toWord } from '../amounts/big-bytes.ts';
import { recoverGatewaySigner } from '../crypto/recover-signer.ts';
import { readFields } from '../wire/fields.ts';
import type { SegData } from '../wire/messages.ts';
import { checkAuthToken } from './auth-token.ts';
import { refuse, type Verdict } from './refusals.ts';

const CAPABILITIES_BITSTRING = 1;

/** What a segment's signature covers: manifest id, sequence number and hash; no profiles here. */
export function flattenSegment(segment: Pick<SegData, 'manifestId' | 'seq' | 'hash'>): Uint8Array {
  return Buffer.concat([segment.manifestId, toWord(segment.seq), segment.hash]);
}

/**
 * Checks segment credentials as an orchestrator does: signed by the payment's sender, with
 * capabilities that are offered here, under a living auth token of our own.
 */
export function checkSegment(input: {
  readonly segment: SegData;
  readonly sender: Uint8Array;
  readonly secret: Uint8Array;
  readonly offeredBits: readonly bigint[] | undefined;
  readonly nowSec: number;
}): Verdict {
  const { segment } = input;
  const signer = recoverGatewaySigner(flattenSegment(segment), segment.sig);
  if (signer !== toHex(input.sender)) return refuse('segment_signature');
  if (!isOffered(segment.capabilities, input.offeredBits)) {
    return refuse('capabilities_incompatible');
  }
  return checkAuthToken({
    secret: input.secret,
    token: segment.authToken,
    nowSec: input.nowSec,
  });
}

/** Every asked bit is offered; asking for nothing always passes. */
function isOffered(
  capabilities: Uint8Array | undefined,
  offered: readonly bigint[] | undefined,
): boolean {
  if (capabilities === undefined || offered === undefined) return true;
  return readBitstring(capabilities).every((word, index) => {
    const missing = word & ~(offered[index] ?? 0n);
    return missing === 0n;
  });
}

function readBitstring(capabilities: Uint8Array): bigint[] {
  return readFields(capabilities)
    .filter((field) => field.number === CAPABILITIES_BITSTRING)
    .flatMap((field) => (field.bytes.length > 0 ? readPacked(field.bytes) : [field.varint]));
}

/** A packed run: varints one after the other, without tags. */
function readPacked(bytes: Uint8Array): bigint[] {
  const words: bigint[] = [];
  let word = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    word |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    words.push(BigInt.asUintN(64, word));
    word = 0n;
    shift = 0n;
  }
  return words;
}
