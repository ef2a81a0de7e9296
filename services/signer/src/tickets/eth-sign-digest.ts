import { keccak256 } from './keccak.ts';

const PREFIX = '\x19Ethereum Signed Message:\n';
const PREFIX_32 = Buffer.from(`${PREFIX}32`, 'latin1');

/** EIP-191 digest of a message (`personal_sign`), its length in decimal behind the prefix. */
export function ethSignDigest(message: Uint8Array): Uint8Array {
  const prefix =
    message.length === 32 ? PREFIX_32 : Buffer.from(`${PREFIX}${message.length}`, 'latin1');
  return keccak256(prefix, message);
}
