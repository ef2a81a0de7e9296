import { parseQueueKeys, type QueueKeys } from '@clearinghouse/shared';

const DIRECTIONS = [
  'signer-to-billing',
  'billing-to-signer',
  'signer-to-auth',
  'auth-to-signer',
] as const;

/** Keys of every direction as text, one byte repeated each. */
export const QUEUE_KEY_TEXTS = Object.fromEntries(
  DIRECTIONS.map((direction, index) => [direction, `k1:${String(index + 1).repeat(64)}`]),
) as Record<(typeof DIRECTIONS)[number], string>;

/** The same, parsed: every double holds all of them. */
export const QUEUE_KEYS: QueueKeys = Object.fromEntries(
  DIRECTIONS.map((direction) => [direction, parseQueueKeys(QUEUE_KEY_TEXTS[direction])]),
);
