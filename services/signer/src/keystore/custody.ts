import type { Address } from '@clearinghouse/shared';
import { getAddress } from 'ethers';
import { SIGNER_LIMITS } from '../limits.ts';
import { ethSignDigest } from '../tickets/eth-sign-digest.ts';
import { keccak256 } from '../tickets/keccak.ts';
import { packTicket, replaceNonce } from '../tickets/pack-ticket.ts';
import type { SignedTickets, TicketBatch } from '../tickets/ticket.ts';
import { curve, curveImplementation } from './curve.ts';
import { addressOf, recoverSigner } from './recover-signer.ts';
import { segmentDigest } from './segment-digest.ts';
import { signDigest } from './sign-digest.ts';

const HASH_BYTES = 32;
const SIGNATURE_BYTES = 65;
const MANIFEST_ID = /^[A-Za-z0-9_-]+$/;
const STATE_START = '{"StateID":';

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

/**
 * Takes a private key of 32 bytes into custody.
 *
 * The returned functions throw RangeError for what no caller may ask: a ManifestID that could
 * be the packed bytes of a ticket, state bytes that are no state JSON, a batch out of bounds.
 */
export function takeCustody(key: Uint8Array): Custody {
  const privateKey = Uint8Array.from(key);
  const publicKey = curve.publicKeyCreate(privateKey, false);
  const sender = addressOf(publicKey);
  const address = `0x${Buffer.from(sender).toString('hex')}` as Address;
  const checksumAddress = getAddress(address);
  const ownInfo = ethSignDigest(keccak256(Buffer.from(checksumAddress, 'latin1')));
  const infoSignature = signDigest(privateKey, ownInfo);
  return {
    address,
    checksumAddress,
    implementation: curveImplementation,
    signTickets: (batch) => signBatch(privateKey, sender, batch),
    signSegment: (manifestId) => {
      assertManifestId(manifestId);
      return signDigest(privateKey, segmentDigest(manifestId));
    },
    signState: (stateBytes) => {
      assertState(stateBytes);
      return signDigest(privateKey, ethSignDigest(stateBytes));
    },
    signOrchestratorInfo: () => Uint8Array.from(infoSignature),
    verifyState: (stateBytes, signature) => {
      const recovered = recoverSigner(stateBytes, signature);
      return recovered.ok && Buffer.compare(recovered.publicKey, publicKey) === 0;
    },
  };
}

/** One packed ticket for the whole batch: only the nonce in it changes. */
function signBatch(privateKey: Uint8Array, sender: Uint8Array, batch: TicketBatch): SignedTickets {
  const { nonceFrom, count } = batch;
  if (count < 1 || count > SIGNER_LIMITS.ticketsMax) throw new RangeError('ticket count');
  const packed = packTicket({ ...batch, sender, senderNonce: nonceFrom });
  const hashes = new Uint8Array(count * HASH_BYTES);
  const signatures = new Uint8Array(count * SIGNATURE_BYTES);
  for (let index = 0; index < count; index += 1) {
    replaceNonce(packed, nonceFrom + index);
    const hash = keccak256(packed);
    hashes.set(hash, index * HASH_BYTES);
    signDigest(privateKey, ethSignDigest(hash), signatures, index * SIGNATURE_BYTES);
  }
  return { hashes, signatures };
}

function assertManifestId(id: string): void {
  if (id.length > SIGNER_LIMITS.manifestIdCharsMax || !MANIFEST_ID.test(id)) {
    throw new RangeError('not a ManifestID');
  }
}

function assertState(bytes: Uint8Array): void {
  const start = Buffer.from(bytes.subarray(0, STATE_START.length)).toString('latin1');
  if (bytes.length < SIGNER_LIMITS.stateBytesMin || start !== STATE_START) {
    throw new RangeError('not a session state');
  }
}
