import { hash } from 'node:crypto';
import type { Account, Later } from '../custody/account.ts';
import { createRecent } from '../memory/create-recent.ts';

const SIGNATURE_BYTES = 65;

/** The part of an account that makes and checks the signatures of payments. */
export type PaymentSigner = Pick<
  Account,
  'address' | 'signTickets' | 'signSegment' | 'signState' | 'verifyState'
>;

/**
 * Wraps a signer so that it does no work twice: the credentials of a ManifestID are the same
 * through its session, and a state that this process signed itself needs no recovery of the
 * signer when it comes back. Only what was signed here is ever remembered; anything else, other
 * replicas' states too, is checked in full.
 *
 * @param entriesMax of each kind, at least; twice as many at most.
 */
export function rememberSignatures(signer: PaymentSigner, entriesMax: number): PaymentSigner {
  const segments = createRecent<Uint8Array>(entriesMax);
  const states = createRecent<true>(entriesMax);
  return {
    address: signer.address,
    signTickets: signer.signTickets,
    signSegment: (manifestId) => {
      const known = segments.get(manifestId);
      if (known !== undefined) return known;
      return tap(signer.signSegment(manifestId), (made) => segments.set(manifestId, made));
    },
    signState: (stateBytes) =>
      tap(signer.signState(stateBytes), (made) => states.set(keyOf(stateBytes, made), true)),
    verifyState: (stateBytes, signature) =>
      (signature.length === SIGNATURE_BYTES && states.get(keyOf(stateBytes, signature)) === true) ||
      signer.verifyState(stateBytes, signature),
  };
}

/** Remembers what is there at once, or what comes; nothing of what never comes. */
function tap(made: Later<Uint8Array>, take: (made: Uint8Array) => void): Later<Uint8Array> {
  if (made instanceof Promise) {
    return made.then((later) => {
      take(later);
      return later;
    });
  }
  take(made);
  return made;
}

/** One hash over both; the signature has one length, so no byte can pass from one to the other. */
function keyOf(stateBytes: Uint8Array, signature: Uint8Array): string {
  return hash('sha256', Buffer.concat([signature, stateBytes]), 'base64');
}
