import { hash } from 'node:crypto';
import type { Address } from '@clearinghouse/shared';
import { createKeccak } from 'hash-wasm';

/** Tickets of one payment: alike but for their nonces. */
export type TicketRun = {
  readonly recipient: Address;
  readonly sender: Address;
  readonly faceValueWei: bigint;
  readonly winProb: bigint;
  /** 64 hex digits. */
  readonly recipientRandHash: string;
  readonly creationRound: bigint;
  readonly creationBlockHash: string;
  readonly nonceFrom: number;
  readonly nonceTo: number;
};

// One hasher for the process: it is synchronous, so no two hashes are ever interleaved.
const hasher = await createKeccak(256);

/**
 * SHA-256 over the ticket hashes in nonce order, as the signer settles them: only the very tickets
 * that were signed give the same. Hashes are those of TicketBroker's `getTicketHash`.
 */
export function hashTickets(run: TicketRun): string {
  const before = `${run.recipient.slice(2)}${run.sender.slice(2)}${word(run.faceValueWei)}${word(run.winProb)}`;
  const after = `${run.recipientRandHash}${word(run.creationRound)}${run.creationBlockHash}`;
  const hashes: Uint8Array[] = [];
  for (let nonce = run.nonceFrom; nonce <= run.nonceTo; nonce += 1) {
    hasher.init();
    hasher.update(Buffer.from(`${before}${word(BigInt(nonce))}${after}`, 'hex'));
    hashes.push(hasher.digest('binary'));
  }
  return hash('sha256', Buffer.concat(hashes), 'hex');
}

function word(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}
