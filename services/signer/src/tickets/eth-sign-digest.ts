import { keccak256 } from './keccak.ts';

const PREFIX = '\x19Ethereum Signed Message:\n';
const PREFIX_32 = Buffer.from(`${PREFIX}32`, 'latin1');

/** EIP-191 digest of a message (`personal_sign`), its length in decimal behind the prefix. */
export function ethSignDigest(message: Uint8Array): Uint8Array {
  return keccak256(prefixOf(message), message);
}

/** What that digest is the hash of, for a signer that hashes what it is sent. */
export function eip191Bytes(message: Uint8Array): Uint8Array {
  return Buffer.concat([prefixOf(message), message]);
}

function prefixOf({ length }: Uint8Array): Uint8Array {
  return length === 32 ? PREFIX_32 : Buffer.from(`${PREFIX}${length}`, 'latin1');
}
