import { hash } from 'node:crypto';
import { canonicalHeaders } from './canonical-headers.ts';

/**
 * Tells callers apart whom only the operator's webhook knows: by what they present, of which
 * nothing is kept but its SHA-256.
 */
export function callerKey(rawHeaders: readonly string[]): string {
  const credential = canonicalHeaders(rawHeaders).get('Authorization') ?? [];
  return `webhook:${hash('sha256', JSON.stringify(credential), 'base64')}`;
}
