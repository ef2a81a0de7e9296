import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { changeApiKey } from '../api-keys/change-api-key.ts';
import { type CreateApiKeyDeps, createApiKey } from '../api-keys/create-api-key.ts';
import { listApiKeys, showApiKey } from '../api-keys/list-api-keys.ts';
import { revokeApiKey } from '../api-keys/revoke-api-key.ts';
import { revokeAllKeys } from '../api-keys/revoke-keys-of-app.ts';
import { LIMITS } from '../limits.ts';
import { keyBody, keyChangeBody, toApiKey, toInput, toSettings } from './api-key-bodies.ts';
import { makeOnce } from './make-once.ts';
import { cursorOf, nextOf, pageQuery } from './page-query.ts';
import { callerOf } from './require-caller.ts';

const DAY_SEC = 86_400;
const appParams = z.object({ appId: z.string() });
const keyParams = appParams.extend({ keyId: z.string().max(64) });

/** POST /apps/:appId/keys: the answer is the only place where the key is ever shown. */
export function createApiKeyRoute(deps: CreateApiKeyDeps): Middleware {
  return guard({ params: appParams, body: keyBody }, async (ctx, { params, body, rawBody }) => {
    const input = {
      ...toInput(body),
      ...params,
      expiresInSec: body.expiresInDays * DAY_SEC,
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
    };
    const outcome = await makeOnce(deps, ctx, {
      what: `key of ${params.appId}`,
      rawBody,
      work: (within) => createApiKey(within, input),
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.status = 201;
    ctx.body = { ...toApiKey(outcome.value), key: outcome.value.key };
  });
}

/** GET /apps/:appId/keys */
export function listApiKeysRoute(deps: CreateApiKeyDeps): Middleware {
  const query = pageQuery(LIMITS.apiKeysPageMax, cursorOf('key'));
  return guard({ params: appParams, query }, async (ctx, { params, query: page }) => {
    const keys = await listApiKeys(deps, { ...params, ...page });
    ctx.body = { keys: keys.map(toApiKey), next: nextOf(keys, page.limit) };
  });
}

/** GET /apps/:appId/keys/:keyId */
export function showApiKeyRoute(deps: CreateApiKeyDeps): Middleware {
  return guard({ params: keyParams }, async (ctx, { params }) => {
    const outcome = await showApiKey(deps, params);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiKey(outcome.value);
  });
}

/** PATCH /apps/:appId/keys/:keyId: what is left out stays; null takes a rate limit away. */
export function changeApiKeyRoute(deps: CreateApiKeyDeps): Middleware {
  return guard({ params: keyParams, body: keyChangeBody }, async (ctx, { params, body }) => {
    const outcome = await changeApiKey(deps, {
      ...params,
      settings: toSettings(body),
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiKey(outcome.value);
  });
}

/** DELETE /apps/:appId/keys/:keyId */
export function revokeApiKeyRoute(deps: CreateApiKeyDeps): Middleware {
  return guard({ params: keyParams }, async (ctx, { params }) => {
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

/** POST /apps/:appId/keys/revoke-all: of the app, or those that `createdBy` made. */
export function revokeAllKeysRoute(deps: CreateApiKeyDeps): Middleware {
  const body = z.object({
    createdBy: z.string().min(1).max(128).optional(),
    reason: z.string().min(1).max(200).default('all keys revoked'),
  });
  return guard({ params: appParams, body }, async (ctx, { params, body: input }) => {
    const revoked = await revokeAllKeys(deps, {
      ...params,
      ...input,
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
    });
    ctx.body = { revoked };
  });
}
