import { guard, ServiceError, SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { type ApiKey, KEY_SCOPES } from '../api-keys/api-key.ts';
import { type CreateApiKeyDeps, createApiKey } from '../api-keys/create-api-key.ts';
import { listApiKeys } from '../api-keys/list-api-keys.ts';
import { revokeApiKey } from '../api-keys/revoke-api-key.ts';
import { LIMITS } from '../limits.ts';
import { externalUserIdSchema } from '../users/user.ts';
import { callerOf } from './require-caller.ts';

const DAY_SEC = 86_400;
const appParams = z.object({ appId: z.string() });
const keyBody = z.object({
  name: z.string().min(1).max(200).default('API key'),
  kind: z.enum(['secret', 'publishable']).default('secret'),
  mode: z.enum(['live', 'test']).default('live'),
  externalUserId: externalUserIdSchema.optional(),
  scopes: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length).default([SIGN_JOB_SCOPE]),
  expiresInDays: z
    .number()
    .int()
    .min(1)
    .max(LIMITS.apiKeyTtlDaysMax)
    .default(LIMITS.apiKeyTtlDaysDefault),
});

/** A key as the API shows it; the key itself only at its creation. */
function toApiKey(key: ApiKey) {
  return {
    id: key.id,
    clientId: key.appId,
    userId: key.userId,
    name: key.name,
    kind: key.kind,
    mode: key.mode,
    display: `${key.displayPrefix}…${key.last4}`,
    scopes: key.scopes,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  };
}

/** POST /apps/:appId/keys: the answer is the only place where the key is ever shown. */
export function createApiKeyRoute(deps: CreateApiKeyDeps): Middleware {
  return guard({ params: appParams, body: keyBody }, async (ctx, { params, body }) => {
    const { expiresInDays, ...rest } = body;
    const outcome = await createApiKey(deps, {
      ...rest,
      ...params,
      expiresInSec: expiresInDays * DAY_SEC,
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.status = 201;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { ...toApiKey(outcome.value), key: outcome.value.key };
  });
}

/** GET /apps/:appId/keys */
export function listApiKeysRoute(deps: CreateApiKeyDeps): Middleware {
  return guard({ params: appParams }, async (ctx, { params }) => {
    const keys = await listApiKeys(deps, params);
    ctx.body = { keys: keys.map(toApiKey) };
  });
}

/** DELETE /apps/:appId/keys/:keyId */
export function revokeApiKeyRoute(deps: CreateApiKeyDeps): Middleware {
  const params = appParams.extend({ keyId: z.string().max(64) });
  return guard({ params }, async (ctx, { params }) => {
    const outcome = await revokeApiKey(deps, {
      ...params,
      reason: 'revoked by API',
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}
