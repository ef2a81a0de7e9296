import { createSecretKey } from 'node:crypto';
import type { QueueKey, QueueKeySet } from './keys.ts';

const ENTRY = /^([A-Za-z0-9_-]{1,32}):([0-9a-f]{64})$/;

/**
 * Parses the keys of one direction as they stand in the environment:
 * `kid:hex64` or `kid:hex64,kid2:hex64`. The first signs, both are accepted; to rotate, put the
 * new key second everywhere, then first everywhere, then drop the old one.
 *
 * @throws Error without the value; configuration code turns it into a fault with the name.
 */
export function parseQueueKeys(text: string): QueueKeySet {
  const entries = text.split(',').map((part) => parseEntry(part.trim()));
  const [first, second, ...rest] = entries;
  if (!first || rest.length > 0) throw new Error('one or two keys of the form kid:hex64');
  if (second && second.kid === first.kid) throw new Error('two keys with the same kid');
  return second ? [first, second] : [first];
}

function parseEntry(part: string): QueueKey {
  const match = ENTRY.exec(part);
  const [, kid, hex] = match ?? [];
  if (!kid || !hex) throw new Error('a key has the form kid:hex64 (64 lower-case hex digits)');
  return { kid, key: createSecretKey(Buffer.from(hex, 'hex')) };
}
