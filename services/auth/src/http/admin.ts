import { guard, REPLAYED_HEADER, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import type { App } from '../apps/app.ts';
import { changeApp } from '../apps/change-app.ts';
import { createAppOnce } from '../apps/create-app-once.ts';
import { listApps } from '../apps/list-apps.ts';
import { setAppStatus } from '../apps/set-app-status.ts';
import { showApp } from '../apps/show-app.ts';
import { rotateClientSecret } from '../clients/rotate-client-secret.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { cursorOf, nextOf, pageQuery } from './page-query.ts';
import { callerOf, scopesToGive } from './require-caller.ts';

const appBody = z.object({ name: z.string().trim().min(1).max(180) });
const appParams = z.object({ appId: z.string() });

function toApiApp(app: App) {
  return { ...app, createdAt: app.createdAt.toISOString() };
}

/** POST /admin/apps: once per Idempotency-Key; the secret is in the first answer only. */
export function createAppRoute(deps: ChangeIdentityDeps): Middleware {
  return guard({ body: appBody }, async (ctx, { body, rawBody }) => {
    const answer = await createAppOnce(deps, {
      name: body.name,
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
      idempotencyKey: ctx.get('idempotency-key') || undefined,
      rawInput: rawBody,
    });
    if (answer.replayed) ctx.set(REPLAYED_HEADER, 'true');
    ctx.set('Cache-Control', 'no-store');
    ctx.status = answer.status;
    ctx.body = answer.body;
  });
}

/** GET /admin/apps */
export function listAppsRoute(deps: ChangeIdentityDeps): Middleware {
  return guard(
    { query: pageQuery(LIMITS.appsPageMax, cursorOf('app')) },
    async (ctx, { query: page }) => {
      const apps = await listApps(deps, page);
      ctx.body = { apps: apps.map(toApiApp), next: nextOf(apps, page.limit) };
    },
  );
}

/** GET /admin/apps/:appId, and /apps/:appId for its own people. */
export function showAppRoute(deps: ChangeIdentityDeps): Middleware {
  return guard({ params: appParams }, async (ctx, { params }) => {
    const outcome = await showApp(deps, params);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiApp(outcome.value);
  });
}

/** PATCH /admin/apps/:appId: what is left out stays. */
export function changeAppRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z
    .strictObject({
      name: appBody.shape.name,
      isFirstParty: z.boolean(),
      anonymousAccess: z.boolean(),
    })
    .partial();
  return guard({ params: appParams, body }, async (ctx, { params, body: given }) => {
    const settings = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    );
    const { requestId } = ctx.state;
    const input = { ...params, settings, actor: callerOf(ctx).id, requestId };
    const outcome = await changeApp(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiApp(outcome.value);
  });
}

/** PUT /admin/apps/:appId/status: suspends an app, or lets it go on. */
export function setAppStatusRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z.object({ status: z.enum(['active', 'suspended']) });
  return guard({ params: appParams, body }, async (ctx, { params, body }) => {
    const { requestId } = ctx.state;
    const input = { ...params, ...body, actor: callerOf(ctx).id, requestId };
    const outcome = await setAppStatus(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = outcome.value;
  });
}

/** POST /admin/apps/:appId/clients/:clientId/secret: a new secret, the old one for a while. */
export function rotateSecretRoute(deps: ChangeIdentityDeps): Middleware {
  const params = appParams.extend({ clientId: z.string().max(64) });
  const body = z.object({
    overlapSeconds: z
      .number()
      .int()
      .min(0)
      .max(LIMITS.secretOverlapSecMax)
      .default(LIMITS.secretOverlapSecDefault),
  });
  return guard({ params, body }, async (ctx, { params, body }) => {
    const outcome = await rotateClientSecret(deps, {
      ...params,
      overlapSec: body.overlapSeconds,
      mayGive: scopesToGive(ctx),
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.set('Cache-Control', 'no-store');
    ctx.status = 201;
    ctx.body = { clientId: params.clientId, ...outcome.value };
  });
}
