/** What a caller is told for each code: the HTTP status and the public text. */
export type PublicError = { readonly status: number; readonly message: string };

/**
 * Every code that leaves a service, with its status and public text. A new code without an
 * entry does not compile, since {@link ErrorCode} is derived from this table.
 */
export const ERRORS = {
  // Shape of the request
  invalid_request: { status: 400, message: 'The request is not valid.' },
  invalid_json: { status: 400, message: 'The body is not valid JSON.' },
  invalid_amount: { status: 422, message: 'An amount must be a whole number in decimal digits.' },
  amount_out_of_range: { status: 422, message: 'An amount is out of range.' },
  body_too_large: { status: 413, message: 'The body is too large.' },
  method_not_allowed: { status: 405, message: 'This method is not allowed here.' },
  not_found: { status: 404, message: 'Not found.' },
  misdirected_host: { status: 421, message: 'This host name is not served here.' },
  idempotency_key_required: { status: 400, message: 'The Idempotency-Key header is required.' },
  idempotency_mismatch: {
    status: 409,
    message: 'This Idempotency-Key was used with another request.',
  },
  conflict: { status: 409, message: 'The request conflicts with the current state.' },
  last_owner: { status: 409, message: 'A team needs an owner: make somebody else one first.' },
  rate_limited: { status: 429, message: 'Too many requests.' },

  // Who is asking
  invalid_token: { status: 401, message: 'The access token or API key is not valid.' },
  invalid_client: { status: 401, message: 'Client authentication failed.' },
  insufficient_scope: { status: 403, message: 'The token lacks the scope for this.' },
  suspended: { status: 403, message: 'This app, user, client or key is suspended or revoked.' },
  auth_id_mismatch: { status: 403, message: 'The session belongs to another subject.' },
  browser_key_refused: { status: 403, message: 'A secret key must not be used in a browser.' },

  // Signing in
  wrong_credentials: { status: 401, message: 'The address or the password is wrong.' },
  sign_in_refused: { status: 401, message: 'This did not sign you in.' },
  sign_in_expired: { status: 400, message: 'This sign-in is over. Start again from the app.' },
  sign_up_closed: { status: 403, message: 'New accounts are not open here.' },
  link_needed: { status: 409, message: 'An account with this address exists already.' },
  link_expired: { status: 400, message: 'This link was used before, or its time is over.' },
  weak_password: { status: 422, message: 'This password cannot be used.' },
  last_sign_in_method: { status: 409, message: 'This is the last way to sign in to the account.' },
  reauthentication_needed: { status: 403, message: 'Sign in again before you change this.' },
  forged_request: { status: 403, message: 'This form did not come from our own page.' },
  mail_not_configured: { status: 503, message: 'This installation cannot send mail.' },

  // May they spend
  insufficient_balance: { status: 402, message: 'The prepaid balance does not cover this.' },
  app_cap: { status: 402, message: 'The spending cap of the app is reached.' },
  user_cap: { status: 402, message: 'The spending cap of the user is reached.' },
  key_cap: { status: 402, message: 'The spending cap of the API key is reached.' },
  session_credit_limit: {
    status: 402,
    message: 'Too much ticket value was bought that no usage has earned yet.',
  },
  fork_limit: { status: 409, message: 'This session state was used for too many payments.' },
  replay_mismatch: { status: 409, message: 'The same request now gives another payment.' },
  nonce_overlap: { status: 480, message: 'refresh session for remote signer' },
  replay_stale: { status: 480, message: 'refresh session for remote signer' },

  // The signer's protocol
  refresh_session: { status: 480, message: 'refresh session for remote signer' },
  price_exceeded: { status: 481, message: 'The orchestrator price exceeds a ceiling.' },
  no_tickets: { status: 482, message: 'no tickets' },
  missing_orchestrator: { status: 400, message: 'missing orchestrator' },
  invalid_orchestrator: { status: 400, message: 'The orchestrator info is not valid.' },
  missing_price_info: { status: 400, message: 'missing or zero priceInfo' },
  missing_ticket_params: { status: 400, message: 'missing ticketParams in OrchestratorInfo' },
  invalid_sig: { status: 400, message: 'invalid sig' },
  invalid_state: { status: 400, message: 'invalid state' },
  orchestrator_mismatch: { status: 400, message: 'orchestratorAddress mismatch' },
  app_mismatch: { status: 400, message: 'app mismatch' },
  job_type_mismatch: { status: 400, message: 'job type mismatch' },
  missing_manifest_id: { status: 400, message: 'missing manifestID' },
  invalid_manifest_id: { status: 400, message: 'The ManifestID is not valid.' },
  invalid_capabilities: { status: 400, message: 'The capabilities are not valid.' },
  invalid_ticket_params: { status: 400, message: 'The ticket params are not valid.' },
  invalid_job_type: { status: 400, message: 'invalid job type' },
  missing_units: { status: 400, message: 'missing billable unit or job type' },
  invalid_max_price: { status: 400, message: 'The maxPrice is not valid.' },
  invalid_initial_price: { status: 400, message: 'invalid initial price in state' },
  session_idle: { status: 400, message: 'The session was idle for too long; start a new session' },
  too_many_tickets: { status: 400, message: 'numTickets exceeds the maximum' },
  webhook_refused: { status: 403, message: 'The operator’s webhook refused the payment.' },
  invalid_webhook_max_price: { status: 502, message: 'signer auth invalid maxPrice' },
  custody_unavailable: { status: 503, message: 'Service Unavailable Error' },
  unknown_account: { status: 400, message: 'This account is not one of this signer’s.' },
  policy_face_value: { status: 403, message: 'Policy: the face value of a ticket is too high.' },
  policy_win_prob: { status: 403, message: 'Policy: the chance of a ticket is out of bounds.' },
  policy_ticket_ev: { status: 403, message: 'Policy: the value of a ticket is out of bounds.' },
  policy_payment_ev: { status: 403, message: 'Policy: the value of the payment is too high.' },
  policy_recipient_ev: {
    status: 403,
    message: 'Policy: this recipient was paid as much as it may be in an hour.',
  },
  policy_recipient_mismatch: {
    status: 403,
    message: 'Policy: the tickets are not for the orchestrator that is paid.',
  },
  policy_recipient_unregistered: {
    status: 403,
    message: 'Policy: the recipient is not registered on the chain.',
  },
  policy_service_uri: {
    status: 403,
    message: 'Policy: the orchestrator is not registered at this host.',
  },
  policy_recipient_unknown: { status: 503, message: 'Service Unavailable Error' },
  signing_stopped: { status: 503, message: 'Service Unavailable Error' },
  webhook_failed: { status: 500, message: 'Internal Server Error' },
  ticket_validation: { status: 500, message: 'Internal Server Error' },

  // Faults outside the caller's hands
  hold_timeout: { status: 503, message: 'Service Unavailable Error' },
  fx_stale: { status: 503, message: 'Service Unavailable Error' },
  chain_stale: { status: 503, message: 'Service Unavailable Error' },
  unavailable: { status: 503, message: 'Service Unavailable Error' },
  internal: { status: 500, message: 'Internal Server Error' },

  // Between the services
  hold_not_found: { status: 404, message: 'No such hold.' },
  hold_settled: { status: 409, message: 'The hold is settled already.' },
  bad_envelope: { status: 503, message: 'Service Unavailable Error' },
} as const satisfies Record<string, PublicError>;

/** The closed union of codes. */
export type ErrorCode = keyof typeof ERRORS;

/** The status and public text of a code. */
export function publicError(code: ErrorCode): PublicError {
  return ERRORS[code];
}
