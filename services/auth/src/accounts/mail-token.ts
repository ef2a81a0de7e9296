import { createHash, randomBytes } from 'node:crypto';

/** How long a link that was sent by mail is good. */
export const MAIL_TOKEN_TTL_SEC = 3_600;
const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits, as they stand in a link. */
export function mintMailToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What is kept of a token; undefined for text that none can be. */
export function mailTokenHash(token: string): Buffer | undefined {
  return TOKEN.test(token) ? createHash('sha256').update(token, 'utf8').digest() : undefined;
}
