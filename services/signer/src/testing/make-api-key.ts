import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const POLYNOMIAL = 0xedb88320;

/** An API key with a true checksum; 43 letters, random unless given. */
export function makeApiKey(mode: 'live' | 'test', letters?: string): string {
  const random = [...randomBytes(43)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  const text = `lp_sk_${mode}_${letters ?? random}`;
  let rest = BigInt(slowCrc32(text));
  let checksum = '';
  for (let index = 0; index < 6; index += 1) {
    checksum = `${ALPHABET[Number(rest % 62n)]}${checksum}`;
    rest /= 62n;
  }
  return `${text}${checksum}`;
}

/** CRC32 bit by bit, so that the one under test is not tested with itself. */
function slowCrc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
