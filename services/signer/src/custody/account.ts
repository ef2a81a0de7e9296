import type { Address } from '@clearinghouse/shared';
import type { SignedTickets, TicketBatch } from '../tickets/ticket.ts';
import type { BrokerTransaction } from './transaction.ts';

/** At once from a key in this process, later from a custody service. */
export type Later<T> = T | Promise<T>;

/**
 * An account that pays. It is told fields and makes every hash itself: nobody outside can have a
 * hash of their choice signed. Signatures are the same whenever the same thing is signed.
 *
 * What no caller may ask throws RangeError: a ManifestID that could be the packed bytes of a
 * ticket, state bytes that are no state JSON, a batch out of bounds. A custody service that gives
 * no signature, or a wrong one, throws CustodyFault.
 */
export type Account = {
  /** Lower-case. */
  readonly address: Address;
  /** The same with its EIP-55 checksum. */
  readonly checksumAddress: string;
  /** Signs the tickets of one payment, the account itself as sender. */
  readonly signTickets: (batch: TicketBatch) => Later<SignedTickets>;
  /** Signs segment credentials for a ManifestID; 65 bytes. */
  readonly signSegment: (manifestId: string) => Later<Uint8Array>;
  /** Signs the JSON bytes of a session state; 65 bytes. */
  readonly signState: (stateBytes: Uint8Array) => Later<Uint8Array>;
  /** Signs the own address, the constant answer of `/sign-orchestrator-info`; 65 bytes. */
  readonly signOrchestratorInfo: () => Later<Uint8Array>;
  /** Whether this account signed these state bytes, by the rules of `lpcrypto.VerifySig`. */
  readonly verifyState: (stateBytes: Uint8Array, signature: Uint8Array) => boolean;
  /**
   * Signs a transaction to the TicketBroker; 65 bytes. RangeError unless the custody was opened for
   * it with that chain and contract: the serving process never is.
   */
  readonly signTransaction: (transaction: BrokerTransaction) => Later<Uint8Array>;
};

/** Who holds the keys: which accounts, what they sign, and the end of it. */
export type Custody = {
  /** The active account first: new sessions are its own. The others' sessions run out. */
  readonly accounts: readonly [Account, ...Account[]];
  /** Forgets every key; nothing is signed any more. */
  readonly close: () => void;
};
