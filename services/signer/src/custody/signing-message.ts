import { SIGNER_LIMITS } from '../limits.ts';
import { keccak256 } from '../tickets/keccak.ts';
import { packTicket, replaceNonce } from '../tickets/pack-ticket.ts';
import type { TicketBatch } from '../tickets/ticket.ts';
import { EMPTY_SEGMENT_HASH } from '../wire/encode-segdata.ts';

const MANIFEST_ID = /^[A-Za-z0-9_-]+$/;
const STATE_START = '{"StateID":';
/** Sequence number 0 in 32 bytes, then the hash of an empty segment. */
const SEGMENT_TAIL = Buffer.concat([Buffer.alloc(32), EMPTY_SEGMENT_HASH]);

/**
 * Calls `take` with the hash of each ticket of a batch, the message of its signature. One packed
 * ticket serves the whole batch: only the nonce in it changes.
 *
 * @throws RangeError for a batch out of bounds.
 */
export function hashTickets(
  sender: Uint8Array,
  batch: TicketBatch,
  take: (hash: Uint8Array, index: number) => void,
): void {
  const { nonceFrom, count } = batch;
  if (count < 1 || count > SIGNER_LIMITS.ticketsMax) throw new RangeError('ticket count');
  const packed = packTicket({ ...batch, sender, senderNonce: nonceFrom });
  for (let index = 0; index < count; index += 1) {
    replaceNonce(packed, nonceFrom + index);
    take(keccak256(packed), index);
  }
}

/**
 * What segment credentials sign: keccak256(manifestId, 0, empty hash).
 *
 * @throws RangeError for an id that could be the packed bytes of a ticket.
 */
export function segmentMessage(manifestId: string): Uint8Array {
  if (manifestId.length > SIGNER_LIMITS.manifestIdCharsMax || !MANIFEST_ID.test(manifestId)) {
    throw new RangeError('not a ManifestID');
  }
  return keccak256(Buffer.from(manifestId, 'utf8'), SEGMENT_TAIL);
}

/**
 * What a state signs: its own bytes.
 *
 * @throws RangeError for bytes that are no session state, a hash above all.
 */
export function stateMessage(stateBytes: Uint8Array): Uint8Array {
  const start = Buffer.from(stateBytes.subarray(0, STATE_START.length)).toString('latin1');
  if (stateBytes.length < SIGNER_LIMITS.stateBytesMin || start !== STATE_START) {
    throw new RangeError('not a session state');
  }
  return stateBytes;
}

/** What the answer of `/sign-orchestrator-info` signs: keccak256 of the checksummed address. */
export function ownAddressMessage(checksumAddress: string): Uint8Array {
  return keccak256(Buffer.from(checksumAddress, 'latin1'));
}
