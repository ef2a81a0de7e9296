import { getBytes, hashMessage, keccak256, recoverAddress, Signature } from 'ethers';
import { fromBigEndian, fromHex } from '../amounts/big-bytes.ts';

const SIGNATURE_BYTES = 65;
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * The address that signed `message` as an EIP-191 personal message, in lower case.
 *
 * @returns `undefined` for what go-livepeer's VerifySig refuses: a length other than 65, an s
 * above half the curve's order, a v other than 27 or 28, or no key at all.
 */
export function recoverSigner(message: Uint8Array, signature: Uint8Array): string | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const v = signature[64];
  if (v !== 27 && v !== 28) return undefined;
  if (fromBigEndian(signature.slice(32, 64)) > CURVE_ORDER / 2n) return undefined;
  return recoverUnchecked(message, signature);
}

/** The same over keccak256(message): how a gateway signs segments and orchestrator info. */
export function recoverGatewaySigner(
  message: Uint8Array,
  signature: Uint8Array,
): string | undefined {
  return recoverSigner(getBytes(keccak256(message)), signature);
}

function recoverUnchecked(message: Uint8Array, signature: Uint8Array): string | undefined {
  try {
    const parsed = Signature.from(`0x${Buffer.from(signature).toString('hex')}`);
    return recoverAddress(hashMessage(message), parsed).toLowerCase();
  } catch {
    return undefined;
  }
}

/** keccak256 of bytes, as bytes. */
export function keccakBytes(bytes: Uint8Array): Uint8Array {
  return fromHex(keccak256(bytes));
}
