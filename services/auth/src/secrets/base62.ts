import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = ALPHABET.length;
/** The largest multiple of 62 that a byte can hold; bytes above it would favour some letters. */
const UNBIASED_BELOW = BASE * Math.floor(256 / BASE);

/** 43 letters of 62 hold 256 random bits. */
export const RANDOM_CHARS = 43;
/** Six letters hold a CRC32. */
export const CHECKSUM_CHARS = 6;

/** Random letters and digits, each as likely as another. */
export function randomBase62(chars: number): string {
  let text = '';
  while (text.length < chars) {
    for (const byte of randomBytes(chars)) {
      if (byte < UNBIASED_BELOW && text.length < chars) text += ALPHABET[byte % BASE];
    }
  }
  return text;
}

/** CRC32 of a text as six letters, so that a mistyped or made-up secret is told without I/O. */
export function checksumBase62(text: string): string {
  let rest = crc32(text);
  let letters = '';
  for (let index = 0; index < CHECKSUM_CHARS; index += 1) {
    letters = `${ALPHABET[rest % BASE]}${letters}`;
    rest = Math.floor(rest / BASE);
  }
  return letters;
}
