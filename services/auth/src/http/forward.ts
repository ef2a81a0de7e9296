import { type ForwardedRoute, readBody, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { type ForwardDeps, forwardRequest } from '../forward/forward-request.ts';
import { LIMITS } from '../limits.ts';
import { callerOf } from './require-caller.ts';

/** One route of the closed table, forwarded to billing with its answer streamed back. */
export function forwardRoute(deps: ForwardDeps, route: ForwardedRoute): Middleware {
  return async (ctx) => {
    const caller = callerOf(ctx as Context);
    const body = await readBody(ctx.req, LIMITS.forwardBodyBytesMax);
    const outcome = await forwardRequest(deps, {
      app: appOf(route, ctx as Context),
      subject: caller.id,
      scopes: [route.scope],
      method: route.method,
      path: ctx.url,
      body,
      requestId: ctx.state.requestId,
      headers: ctx.req.headers,
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    const { status, headers, body: answer } = outcome.value;
    ctx.status = status;
    for (const [name, value] of Object.entries(headers)) ctx.set(name, value);
    ctx.body = answer ?? '';
  };
}

/** The app a request is for; the operator's own routes speak for no app. */
function appOf(route: ForwardedRoute, ctx: Context): string | undefined {
  if (route.scope === 'admin') return undefined;
  return route.scope === 'user' ? callerOf(ctx).appId : String(ctx.params.appId);
}
