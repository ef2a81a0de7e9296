import { SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import { z } from 'zod';
import { type ApiKey, KEY_SCOPES, type KeySettings } from '../api-keys/api-key.ts';
import { isAddressPattern } from '../api-keys/match-address.ts';
import { isOriginPattern } from '../api-keys/match-origin.ts';
import { LIMITS } from '../limits.ts';
import { externalUserIdSchema } from '../users/user.ts';

const origin = z.string().max(255).refine(isOriginPattern, 'an origin: https://app.example.org');
const address = z.string().max(64).refine(isAddressPattern, 'an address or a network');
const resource = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/, 'an asset or stream id');
const rateLimit = z.object({
  limit: z.number().int().min(1).max(LIMITS.keyRateLimitMax),
  windowSeconds: z.number().int().min(1).max(LIMITS.keyRateWindowSecMax),
});
const settings = {
  scopes: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length),
  resources: z.array(resource).max(LIMITS.keyResourcesMax),
  allowedOrigins: z.array(origin).max(LIMITS.keyOriginsMax),
  ipAllowlist: z.array(address).max(LIMITS.keyAddressesMax),
  rateLimit: rateLimit.nullable(),
};

/** What a new key is to be. */
export const keyBody = z
  .object({
    name: z.string().min(1).max(200).default('API key'),
    kind: z.enum(['secret', 'publishable']).default('secret'),
    mode: z.enum(['live', 'test']).default('live'),
    externalUserId: externalUserIdSchema.optional(),
    expiresInDays: z
      .number()
      .int()
      .min(1)
      .max(LIMITS.apiKeyTtlDaysMax)
      .default(LIMITS.apiKeyTtlDaysDefault),
    scopes: settings.scopes.default([SIGN_JOB_SCOPE]),
    resources: settings.resources.default([]),
    allowedOrigins: settings.allowedOrigins.default([]),
    ipAllowlist: settings.ipAllowlist.default([]),
    rateLimit: settings.rateLimit.default(null),
  })
  .refine(({ kind, allowedOrigins }) => kind === 'publishable' || allowedOrigins.length === 0, {
    path: ['allowedOrigins'],
    message: 'only a publishable key has origins',
  });

/** What may be changed about a key. */
export const keyChangeBody = z
  .object({ name: z.string().min(1).max(200), ...settings })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'nothing to change');

type Limit = z.infer<typeof rateLimit> | null;

/** A body's rate limit as it is kept. */
function rateOf(limit: Limit): Pick<KeySettings, 'rateLimit' | 'rateWindowSec'> {
  return { rateLimit: limit?.limit ?? null, rateWindowSec: limit?.windowSeconds ?? null };
}

/** A new key's body as its operation takes it. */
export function toInput({
  expiresInDays: _days,
  rateLimit: limit,
  ...rest
}: z.infer<typeof keyBody>) {
  return { ...rest, ...rateOf(limit) };
}

/** A change as its operation takes it. */
export function toSettings(body: z.infer<typeof keyChangeBody>): Partial<KeySettings> {
  const { rateLimit: limit, ...rest } = body;
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(limit === undefined ? {} : rateOf(limit)) };
}

/** A key as the API shows it; the key itself only at its creation. */
export function toApiKey(key: ApiKey) {
  return {
    id: key.id,
    clientId: key.appId,
    userId: key.userId,
    name: key.name,
    kind: key.kind,
    mode: key.mode,
    display: `${key.displayPrefix}…${key.last4}`,
    scopes: key.scopes,
    resources: key.resources,
    allowedOrigins: key.allowedOrigins,
    ipAllowlist: key.ipAllowlist,
    rateLimit:
      key.rateLimit === null ? null : { limit: key.rateLimit, windowSeconds: key.rateWindowSec },
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    rotatedFrom: key.rotatedFrom,
    graceExpiresAt: key.graceExpiresAt?.toISOString() ?? null,
    rotationDue:
      key.rotationDueAt === null
        ? null
        : { since: key.rotationDueAt.toISOString(), reason: key.rotationDueReason },
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  };
}
