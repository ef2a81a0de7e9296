/** Error codes of the token endpoint (RFC 6749, 8693, 8707) that our own grants give. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_target'
  | 'unauthorized_client'
  | 'billing_unavailable';

/** A refusal of the token endpoint: `description` is public, `detail` is for the log. */
export type OAuthRefusal = {
  readonly ok: false;
  readonly error: OAuthError;
  readonly description: string;
  readonly detail?: string | undefined;
};

/** A token or a refusal. */
export type OAuthOutcome<T> = { readonly ok: true; readonly value: T } | OAuthRefusal;

/** What is said of any subject, code or token that is not good; why stands in the log. */
const GENERIC_GRANT = 'grant request is invalid';

/** Makes a refusal with a public description. */
export function refuseOAuth(error: OAuthError, description: string): OAuthRefusal {
  return { ok: false, error, description };
}

/** Makes an `invalid_grant` that does not tell the caller why. */
export function refuseGrant(detail: string): OAuthRefusal {
  return { ok: false, error: 'invalid_grant', description: GENERIC_GRANT, detail };
}

/** The status of an error: everything is 400, but for a failed client and for money. */
export function oauthStatus(error: OAuthError): number {
  if (error === 'invalid_client') return 401;
  return error === 'billing_unavailable' ? 402 : 400;
}

/** The JSON body of a refusal. */
export function oauthErrorBody(refusal: OAuthRefusal): Record<string, string> {
  const body = { error: refusal.error, error_description: refusal.description };
  return refusal.error === 'billing_unavailable'
    ? { ...body, reason: 'billing_unavailable' }
    : body;
}
