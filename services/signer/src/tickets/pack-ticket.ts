import type { Ticket } from './ticket.ts';

const PLAIN_BYTES = 168;
const AUX_BYTES = 64;
/** Where the four bytes of the nonce lie in a packed ticket. */
const NONCE_AT = 132;

/**
 * A ticket as Solidity's `abi.encodePacked` lays it out: recipient, sender, faceValue,
 * winProb, senderNonce, recipientRandHash, then auxData (round and block hash) unless both
 * are zero. 232 bytes, or 168 without auxData.
 */
export function packTicket(ticket: Ticket): Buffer {
  const hasAux = ticket.creationRound !== 0n || ticket.creationBlockHash.some((byte) => byte !== 0);
  const packed = Buffer.alloc(PLAIN_BYTES + (hasAux ? AUX_BYTES : 0));
  packed.set(ticket.recipient, 0);
  packed.set(ticket.sender, 20);
  writeUint256(packed, ticket.faceValueWei, 40);
  writeUint256(packed, ticket.winProb, 72);
  packed.writeUInt32BE(ticket.senderNonce, NONCE_AT);
  packed.set(ticket.recipientRandHash, 136);
  if (hasAux) {
    writeUint256(packed, ticket.creationRound, 168);
    packed.set(ticket.creationBlockHash, 200);
  }
  return packed;
}

/** Writes another nonce into a packed ticket: tickets of one payment differ in nothing else. */
export function replaceNonce(packed: Buffer, senderNonce: number): void {
  packed.writeUInt32BE(senderNonce, NONCE_AT);
}

function writeUint256(into: Buffer, value: bigint, at: number): void {
  into.write(value.toString(16).padStart(64, '0'), at, 'hex');
}
