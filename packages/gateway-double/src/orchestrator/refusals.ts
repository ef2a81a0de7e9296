/** Every reason for which an honest orchestrator refuses a payment, with go-livepeer's status. */
export const REFUSAL_STATUS = {
  payment_malformed: 402,
  segment_malformed: 403,
  segment_signature: 403,
  capabilities_incompatible: 403,
  auth_token_missing: 403,
  auth_token_forged: 403,
  auth_token_expired: 403,
  unknown_session: 403,
  sender_missing: 400,
  ticket_params_missing: 400,
  recipient_inactive: 400,
  expected_price_invalid: 400,
  sender_unlocking: 400,
  sender_zero: 400,
  wrong_recipient: 400,
  rand_mismatch: 400,
  ticket_signature: 400,
  nonce_seen: 400,
  nonces_exhausted: 400,
  params_expired: 400,
} as const satisfies Record<string, number>;

export type RefusalReason = keyof typeof REFUSAL_STATUS;

/** Nothing, or why not. */
export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: RefusalReason };

export const FINE: Verdict = { ok: true };

export function refuse(reason: RefusalReason): {
  readonly ok: false;
  readonly reason: RefusalReason;
} {
  return { ok: false, reason };
}
