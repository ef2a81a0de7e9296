import type { Address } from '@clearinghouse/shared';
import type { SignedTickets, TicketBatch } from '../tickets/ticket.ts';

/**
 * The only holder of the private key. It makes every hash itself from the fields it is
 * given: nobody outside can have a hash of their choice signed.
 */
export type Custody = {
  /** The signer's own account, lower-case. */
  readonly address: Address;
  /** The same with its EIP-55 checksum. */
  readonly checksumAddress: string;
  /** `js` is a slow curve that is not constant in time: refuse it in production. */
  readonly implementation: 'native' | 'js';
  /** Signs the tickets of one payment, the signer itself as sender. */
  readonly signTickets: (batch: TicketBatch) => SignedTickets;
  /** Signs segment credentials for a ManifestID; 65 bytes. */
  readonly signSegment: (manifestId: string) => Uint8Array;
  /** Signs the JSON bytes of a session state; 65 bytes. */
  readonly signState: (stateBytes: Uint8Array) => Uint8Array;
  /** Signs the own address, the constant answer of `/sign-orchestrator-info`; 65 bytes. */
  readonly signOrchestratorInfo: () => Uint8Array;
  /** Whether this key signed these state bytes, by the rules of `lpcrypto.VerifySig`. */
  readonly verifyState: (stateBytes: Uint8Array, signature: Uint8Array) => boolean;
};
