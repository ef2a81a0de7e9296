import { z } from 'zod';
import { CONTRACT_LIMITS, idField, textField } from './fields.ts';
import type { Principal } from './principal.ts';

/** The only scope a signer token has. */
export const SIGN_JOB_SCOPE = 'sign:job';
/** Lifetime of a signer token. */
export const SIGNER_TOKEN_TTL_SEC = 300;
/** Subject of a machine's usage: the app itself. */
export const APP_SUBJECT = 'app';

/**
 * The claims of a signer token (RFC 9068, `typ` at+jwt, ES256, `aud` = issuer). `sub` is the
 * usage subject of a user, or the client id of a machine.
 */
export const signerTokenSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: idField,
  scope: z.literal(SIGN_JOB_SCOPE),
  client_id: z.string().regex(/^app_[0-9a-f]{24}$/),
  azp: idField,
  usage_subject: idField,
  external_user_id: textField(CONTRACT_LIMITS.externalUserIdCharsMax).optional(),
  key_id: idField.optional(),
  grant_id: idField.optional(),
  jti: idField,
  iat: z.number().int(),
  exp: z.number().int(),
});

export type SignerTokenClaims = z.infer<typeof signerTokenSchema>;

/** The principal that a verified signer token names. */
export function principalOfToken(claims: SignerTokenClaims): Principal {
  const isUser = claims.usage_subject !== APP_SUBJECT;
  return {
    appId: claims.client_id,
    subject: claims.usage_subject,
    clientId: claims.azp,
    jti: claims.jti,
    attribution: isUser ? 'direct' : 'gateway',
    ...(isUser ? { userId: claims.usage_subject } : {}),
    ...(claims.external_user_id === undefined ? {} : { externalUserId: claims.external_user_id }),
    ...(claims.key_id === undefined ? {} : { keyId: claims.key_id }),
    ...(claims.grant_id === undefined ? {} : { grantId: claims.grant_id }),
  };
}
