import { createHmac } from 'node:crypto';
import type { FirstIds } from './plan.ts';

const ID_BYTES = 16;

/**
 * Ids of a session's first call, which has no state to bring them: HMAC-SHA-256 over the
 * caller and the request, so that a retried first call, on any replica that shares `secret`,
 * is the same payment. 32 hex digits each; nobody without the secret can foresee them.
 */
export function deriveFirstIds(
  secret: Uint8Array,
  input: { readonly authId: string; readonly requestHash: Uint8Array },
): FirstIds {
  return {
    stateId: derive(secret, input, 'state'),
    manifestId: derive(secret, input, 'manifest'),
  };
}

function derive(
  secret: Uint8Array,
  input: { readonly authId: string; readonly requestHash: Uint8Array },
  label: 'state' | 'manifest',
): string {
  // The request hash has a fixed length and stands between the two texts: nothing can shift.
  const mac = createHmac('sha256', secret).update(label).update(input.requestHash);
  return mac.update(input.authId).digest().subarray(0, ID_BYTES).toString('hex');
}
