import { readBody, ServiceError } from '@clearinghouse/shared';
import type { Middleware, Next, ParameterizedContext } from 'koa';
import mount from 'koa-mount';
import { LIMITS } from '../limits.ts';
import type { Issuer } from '../oidc/issuer.ts';
import { guardFormPost } from './form-post.ts';
import { type IssuerLimitDeps, issuerLimits } from './issuer-limits.ts';
import { type JwtTokenDeps, jwtTokens } from './jwt-tokens.ts';

const FORM = 'application/x-www-form-urlencoded';
/** A form that may stand in a URL as it is. */
const QUERY = /^[\x21\x24-\x3b\x3d\x3f-\x5a\x5f\x61-\x7a\x7e%&=+]*$/;

/**
 * The OpenID provider under its path, with what it leaves to us: limits, tokens that are JWTs,
 * the interval of device polls. A failed client gets no `WWW-Authenticate: Basic` from the token
 * endpoint: clients of the builder API turn that header into a 500 (see docs/adr/0003).
 */
export function issuerSurface(
  deps: IssuerLimitDeps & JwtTokenDeps,
  issuer: Issuer,
  issuerPath: string,
): Middleware {
  const mounted = mount(issuerPath, issuer.middleware);
  const limits = issuerLimits(deps, issuerPath);
  const jwts = jwtTokens(deps, issuerPath);
  const isOurs = (path: string) => path === issuerPath || path.startsWith(`${issuerPath}/`);
  return (ctx, next) => (isOurs(ctx.path) ? answer(ctx, next) : next());

  async function answer(ctx: ParameterizedContext, next: Next): Promise<void> {
    const path = ctx.path.slice(issuerPath.length);
    if (path === '/auth' && ctx.method === 'POST') return authorizeByPost(ctx, next);
    await limits(ctx, () => jwts(ctx, () => mounted(ctx, next)));
    guardFormPost(ctx);
    if (path === '/token') {
      ctx.set('Pragma', 'no-cache');
      if (ctx.status === 401) ctx.remove('WWW-Authenticate');
    }
    if (path === '/device/auth' && ctx.status === 200) {
      ctx.body = { ...(ctx.body as object), interval: LIMITS.deviceIntervalSec };
    }
  }
}

/**
 * An authorization request by POST (OpenID Connect Core 3.1.2.1) goes on as the same request by
 * GET. A form of another site brings no cookie of ours; the redirect, like any link, does.
 */
const authorizeByPost: Middleware = async (ctx) => {
  if (ctx.is(FORM) !== FORM) throw new ServiceError('invalid_request');
  const body = await readBody(ctx.req, LIMITS.authorizeBytesMax);
  const query = body.toString('latin1');
  if (!QUERY.test(query)) throw new ServiceError('invalid_request');
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(`${ctx.path}?${query}`);
};
