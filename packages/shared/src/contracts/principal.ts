import { z } from 'zod';
import { CONTRACT_LIMITS, idField, textField } from './fields.ts';

/**
 * Who is asking, as auth says it and billing checks it inside the hold.
 *
 * - `subject`: `usr_…` for an app user, `app` for the app's own machine or gateway.
 * - `attribution`: `direct` when the caller itself presented this credential for itself,
 *   `gateway` when one credential pays for users the signer cannot see.
 */
export const principalSchema = z.object({
  appId: idField,
  subject: idField,
  userId: idField.optional(),
  externalUserId: textField(CONTRACT_LIMITS.externalUserIdCharsMax).optional(),
  clientId: idField.optional(),
  keyId: idField.optional(),
  grantId: idField.optional(),
  jti: idField.optional(),
  attribution: z.enum(['direct', 'front_door', 'gateway']),
});

export type Principal = z.infer<typeof principalSchema>;

/** The identity a session is bound to: it outlives tokens, so it names no key, grant or jti. */
export function authIdOf(principal: Pick<Principal, 'appId' | 'subject'>): string {
  return `${principal.appId}:${principal.subject}`;
}

/** The kinds of `identity.principal_status`. */
export const PRINCIPAL_KINDS = ['app', 'user', 'client', 'key', 'grant', 'jti'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** What auth tells the others when an identity changes, so that caches are dropped. */
export const identityChangedSchema = z.object({
  changes: z
    .array(
      z.object({
        kind: z.enum(PRINCIPAL_KINDS),
        id: idField,
        appId: idField,
        status: z.enum(['active', 'suspended', 'revoked']),
      }),
    )
    .min(1)
    .max(CONTRACT_LIMITS.batchItemsMax),
});

export type IdentityChanged = z.infer<typeof identityChangedSchema>;
