import { curve } from '../custody/curve.ts';

const SIGNATURE_BYTES = 65;
/** Ethereum writes the recovery id as 27 or 28. */
const V_BASE = 27;

/**
 * Signs a 32-byte digest: RFC 6979 nonce, low s, 65 bytes r, s, v. Writes into `into` at `at`
 * when given. Stays inside this folder: nobody outside may choose what is signed.
 */
export function signDigest(
  privateKey: Uint8Array,
  digest: Uint8Array,
  into: Uint8Array = new Uint8Array(SIGNATURE_BYTES),
  at = 0,
): Uint8Array {
  const compact = into.subarray(at, at + 64);
  const { recid } = curve.ecdsaSign(digest, privateKey, {}, compact);
  into[at + 64] = V_BASE + recid;
  return into;
}
