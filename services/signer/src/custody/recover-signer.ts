import { ethSignDigest } from '../tickets/eth-sign-digest.ts';
import { keccak256 } from '../tickets/keccak.ts';
import { curve } from './curve.ts';

const SIGNATURE_BYTES = 65;
/** floor(n / 2) of secp256k1, big-endian. */
const HALF_ORDER = Buffer.from(
  '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0',
  'hex',
);

export type Recovered =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly reason: string };

/**
 * The public key (65 bytes, uncompressed) that signed an EIP-191 message, by the rules of
 * go-livepeer's `VerifySig`: exactly 65 bytes, s not above n/2, v 27 or 28.
 */
export function recoverSigner(message: Uint8Array, signature: Uint8Array): Recovered {
  return recoverFromDigest(ethSignDigest(message), signature);
}

/** The same, of what was hashed without a prefix: a transaction. */
export function recoverFromDigest(digest: Uint8Array, signature: Uint8Array): Recovered {
  if (signature.length !== SIGNATURE_BYTES) return fault('invalid signature length');
  if (Buffer.compare(signature.subarray(32, 64), HALF_ORDER) > 0) {
    return fault('signature s value too high');
  }
  const v = signature[64] ?? 0;
  if (v !== 27 && v !== 28) return fault('signature v value must be 27 or 28');
  try {
    const publicKey = curve.ecdsaRecover(signature.subarray(0, 64), v - 27, digest, false);
    return { ok: true, publicKey };
  } catch {
    return fault('no public key fits the signature');
  }
}

/** The account of an uncompressed public key: 20 bytes. */
export function addressOf(publicKey: Uint8Array): Uint8Array {
  return keccak256(publicKey.subarray(1)).subarray(12);
}

function fault(reason: string): Recovered {
  return { ok: false, reason };
}
