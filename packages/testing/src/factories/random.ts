import { randomBytes } from 'node:crypto';

/** A random 20-byte address, lower case. */
export function randomAddress(): `0x${string}` {
  return `0x${randomBytes(20).toString('hex')}`;
}

/** A random 32-byte value as hex with 0x. */
export function randomHash(): `0x${string}` {
  return `0x${randomBytes(32).toString('hex')}`;
}

/** An id as the services mint them: `app_` and 24 hex digits. */
export function randomId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}
