import type { Address } from '@clearinghouse/shared';
import { getAddress } from 'ethers';
import type { Account } from '../custody/account.ts';
import { curve } from '../custody/curve.ts';
import { addressOf, recoverSigner } from '../custody/recover-signer.ts';
import {
  hashTickets,
  ownAddressMessage,
  segmentMessage,
  stateMessage,
} from '../custody/signing-message.ts';
import {
  type BrokerTransaction,
  type TransactionTerms,
  unsignedTransaction,
} from '../custody/transaction.ts';
import { ethSignDigest } from '../tickets/eth-sign-digest.ts';
import { keccak256 } from '../tickets/keccak.ts';
import type { SignedTickets, TicketBatch } from '../tickets/ticket.ts';
import { signDigest } from './sign-digest.ts';

const HASH_BYTES = 32;
const SIGNATURE_BYTES = 65;

type Signing =
  | 'signTickets'
  | 'signSegment'
  | 'signState'
  | 'signOrchestratorInfo'
  | 'signTransaction';

/** An account whose key is in this process: it signs at once. */
export type LocalAccount = Omit<Account, Signing> & {
  readonly signTickets: (batch: TicketBatch) => SignedTickets;
  readonly signSegment: (manifestId: string) => Uint8Array;
  readonly signState: (stateBytes: Uint8Array) => Uint8Array;
  readonly signOrchestratorInfo: () => Uint8Array;
  readonly signTransaction: (transaction: BrokerTransaction) => Uint8Array;
  /** Overwrites the key with zeros; whoever signs after that gets an Error. */
  readonly close: () => void;
};

/**
 * Takes a private key of 32 bytes into custody: the very bytes, of which this closure is the only
 * owner from now on, so that zeros over them are the end of the key.
 *
 * @param terms where transactions may go; absent: none is signed.
 */
export function takeCustody(privateKey: Uint8Array, terms?: TransactionTerms): LocalAccount {
  const publicKey = curve.publicKeyCreate(privateKey, false);
  const sender = addressOf(publicKey);
  const address = `0x${Buffer.from(sender).toString('hex')}` as Address;
  const checksumAddress = getAddress(address);
  let isClosed = false;
  const signHash = (digest: Uint8Array, into?: Uint8Array, at?: number): Uint8Array => {
    if (isClosed) throw new Error('the custody is closed');
    return signDigest(privateKey, digest, into, at);
  };
  const sign = (message: Uint8Array, into?: Uint8Array, at?: number): Uint8Array =>
    signHash(ethSignDigest(message), into, at);
  const infoSignature = sign(ownAddressMessage(checksumAddress));
  return {
    address,
    checksumAddress,
    signTickets: (batch) => {
      const hashes = new Uint8Array(batch.count > 0 ? batch.count * HASH_BYTES : 0);
      const signatures = new Uint8Array(batch.count > 0 ? batch.count * SIGNATURE_BYTES : 0);
      hashTickets(sender, batch, (hash, index) => {
        hashes.set(hash, index * HASH_BYTES);
        sign(hash, signatures, index * SIGNATURE_BYTES);
      });
      return { hashes, signatures };
    },
    signSegment: (manifestId) => sign(segmentMessage(manifestId)),
    signState: (stateBytes) => sign(stateMessage(stateBytes)),
    signOrchestratorInfo: () => Uint8Array.from(infoSignature),
    signTransaction: (transaction) => signHash(keccak256(unsignedTransaction(terms, transaction))),
    verifyState: (stateBytes, signature) => {
      const recovered = recoverSigner(stateBytes, signature);
      return recovered.ok && Buffer.compare(recovered.publicKey, publicKey) === 0;
    },
    close: () => {
      isClosed = true;
      privateKey.fill(0);
    },
  };
}
