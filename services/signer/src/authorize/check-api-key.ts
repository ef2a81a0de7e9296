import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** An API key that looks like one; auth alone knows whether it exists. */
export type PresentedKey = {
  /** SHA-256 of the secret, 64 hex digits: what travels instead of it. */
  readonly keySha256: string;
  /** Is its checksum right? Asked before anything is done for it, and only then worked out. */
  readonly isWhole: () => boolean;
  /** The app that a composite key names; the key must be that app's. */
  readonly appId: string | undefined;
};

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = ALPHABET.length;
const CHECKSUM_CHARS = 6;
const SECRET = /^lp_sk_(?:live|test)_[0-9A-Za-z]{49}$/;
const IMPORTED = /^pmth_[0-9a-f]{64}$/;
const COMPOSITE = /^(app_[0-9a-f]{24})_(.+)$/s;
const KEY_CHARS_MAX = 128;

/**
 * Reads an API key without any I/O: `lp_sk_live_` or `lp_sk_test_`, 43 letters of 256 random
 * bits, and the CRC32 over everything before it as 6 letters; or `pmth_` and 64 hex digits,
 * which carries no checksum. Either may stand behind `app_..._`. Anything else, publishable keys
 * too, gives `undefined`. A key that was found good a moment ago is found again by its hash, which
 * takes less than its checksum would.
 */
export function checkApiKey(text: string): PresentedKey | undefined {
  if (text.length > KEY_CHARS_MAX) return undefined;
  const [, appId, rest] = text.startsWith('app_') ? (COMPOSITE.exec(text) ?? []) : [];
  const secret = rest ?? text;
  const isOurs = SECRET.test(secret);
  if (!isOurs && !IMPORTED.test(secret)) return undefined;
  const isWhole = () => !isOurs || hasChecksum(secret);
  return { keySha256: hash('sha256', secret, 'hex'), isWhole, appId };
}

function hasChecksum(secret: string): boolean {
  const body = secret.slice(0, -CHECKSUM_CHARS);
  return secret.slice(-CHECKSUM_CHARS) === toBase62(crc32(body));
}

function toBase62(value: number): string {
  let rest = value;
  let letters = '';
  while (letters.length < CHECKSUM_CHARS) {
    letters = `${ALPHABET[rest % BASE]}${letters}`;
    rest = Math.floor(rest / BASE);
  }
  return letters;
}
