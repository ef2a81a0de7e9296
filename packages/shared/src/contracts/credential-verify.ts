import { z } from 'zod';
import { CONTRACT_LIMITS, hash32Field, tracesField } from './fields.ts';
import { principalSchema } from './principal.ts';

/** Asked by the signer: whose API key has this SHA-256? The key itself never travels. */
export const credentialRequestSchema = z.object({
  items: z
    .array(z.object({ keySha256: hash32Field, fromBrowser: z.boolean() }))
    .min(1)
    .max(CONTRACT_LIMITS.batchItemsMax),
  traces: tracesField,
});

export const CREDENTIAL_REFUSALS = [
  'invalid_token',
  'suspended',
  'insufficient_scope',
  'browser_key_refused',
  'unavailable',
] as const;

/** One answer for each item. */
export const credentialAnswerSchema = z.union([
  z.object({ ok: z.literal(true), principal: principalSchema }),
  z.object({ ok: z.literal(false), code: z.enum(CREDENTIAL_REFUSALS) }),
]);

export const credentialReplySchema = z.object({ answers: z.array(credentialAnswerSchema) });

export type CredentialAnswer = z.infer<typeof credentialAnswerSchema>;
