import { timingSafeEqual } from 'node:crypto';
import { hashSecret } from '../secrets/generated-secret.ts';
import type { ClientSecret } from './client.ts';

/** Compared when a client is unknown, so that its absence takes no less time. */
const NOBODY = hashSecret('nobody');

/** Is this one of the live secrets? Every stored digest is compared, in constant time. */
export function compareSecret(
  secrets: readonly ClientSecret[],
  presented: string,
  now: Date,
): boolean {
  const digest = hashSecret(presented);
  let found = false;
  for (const { sha256, expiresAt } of secrets) {
    const live = expiresAt === null || expiresAt > now;
    const equal = timingSafeEqual(sha256, digest);
    found = found || (live && equal);
  }
  if (secrets.length === 0) timingSafeEqual(NOBODY, digest);
  return found;
}
