import {
  type ForwardedRoute,
  type ForwardTokenClaims,
  readBody,
  ServiceError,
} from '@clearinghouse/shared';
import type { Context } from 'koa';
import { LIMITS } from '../limits.ts';
import { type VerifyForwardDeps, verifyForward } from './verify-forward.ts';

/** Who asks, and what came with it. */
export type Caller = {
  readonly claims: ForwardTokenClaims;
  readonly rawBody: Buffer;
};

/**
 * Admits a request that auth forwarded, for one of its routes: the scope must be there, and the
 * app in the path must be the caller's own unless the caller is the operator. Another app's path
 * is `not_found`, so that nobody learns which apps exist.
 *
 * @throws ServiceError `invalid_token`, `insufficient_scope`, `not_found`, `body_too_large`.
 */
export async function requireForward(
  deps: VerifyForwardDeps,
  ctx: Context,
  route: ForwardedRoute,
): Promise<Caller> {
  const rawBody = await readBody(ctx.req, LIMITS.requestBodyBytesMax);
  const claims = await verifyForward(deps, {
    authorization: ctx.get('authorization'),
    method: ctx.method,
    path: ctx.req.url ?? '',
    body: rawBody,
  });
  ctx.state.requestId = claims.request_id;
  ctx.set('X-Request-Id', claims.request_id);
  const isAdmin = claims.scopes.includes('admin');
  if (!claims.scopes.includes(route.scope) && !(isAdmin && route.scope !== 'user')) {
    throw new ServiceError('insufficient_scope');
  }
  const params = ctx.params as Record<string, string | undefined>;
  if (params.appId !== undefined && params.appId !== claims.app && !isAdmin) {
    throw new ServiceError('not_found');
  }
  return { claims, rawBody };
}
