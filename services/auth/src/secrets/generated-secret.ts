import { hash } from 'node:crypto';
import { CHECKSUM_CHARS, checksumBase62, RANDOM_CHARS, randomBase62 } from './base62.ts';

/** The prefixes of every secret this service mints; scanners find them by these. */
export type SecretPrefix =
  | 'lp_sk_live_'
  | 'lp_sk_test_'
  | 'lp_pk_live_'
  | 'lp_pk_test_'
  | 'lp_cs_'
  | 'lp_rt_'
  | 'lp_iv_';

const BODY = new RegExp(`^[0-9A-Za-z]{${RANDOM_CHARS + CHECKSUM_CHARS}}$`);

/** Mints a secret: prefix, 256 random bits, checksum over all before it. */
export function mintSecret(prefix: SecretPrefix): string {
  const text = `${prefix}${randomBase62(RANDOM_CHARS)}`;
  return `${text}${checksumBase62(text)}`;
}

/** Has a text the form and the checksum of a secret with this prefix? */
export function isMintedSecret(prefix: SecretPrefix, text: string): boolean {
  if (!text.startsWith(prefix) || !BODY.test(text.slice(prefix.length))) return false;
  return checksumBase62(text.slice(0, -CHECKSUM_CHARS)) === text.slice(-CHECKSUM_CHARS);
}

/** SHA-256 of a secret: enough at rest for 256 random bits, and cheap. */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
