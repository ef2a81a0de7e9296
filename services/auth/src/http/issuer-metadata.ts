import type { Middleware, ParameterizedContext } from 'koa';
import { LIMITS } from '../limits.ts';
import { type Issuer, type StaticBody, staticBody } from '../oidc/issuer.ts';

const CACHE_CONTROL = `public, max-age=${LIMITS.metadataMaxAgeSec}, stale-while-revalidate=${LIMITS.metadataStaleSec}`;

/** The key set, from a body made once; served under any host name, it holds no URL. */
export function serveJwks(issuer: Issuer, issuerPath: string): Middleware {
  const path = `${issuerPath}/jwks`;
  return async (ctx, next) => {
    if (ctx.path !== path || !isRead(ctx.method)) return next();
    send(ctx, issuer.jwks());
  };
}

/**
 * The discovery document at its four well-known places (OpenID Connect Discovery 4, RFC 8414
 * 3.1), made once for each set of keys by the provider itself.
 */
export function serveDiscovery(
  issuer: Issuer,
  issuerPath: string,
  mounted: Middleware,
): Middleware {
  const canonical = `${issuerPath}/.well-known/openid-configuration`;
  const places = new Set([
    canonical,
    `${issuerPath}/.well-known/oauth-authorization-server`,
    `/.well-known/oauth-authorization-server${issuerPath}`,
    '/.well-known/openid-configuration',
  ]);
  let made: { version: number; body: StaticBody } | undefined;
  return async (ctx, next) => {
    if (!places.has(ctx.path) || !isRead(ctx.method)) return next();
    const version = issuer.version();
    if (made?.version !== version) {
      ctx.method = 'GET';
      ctx.url = canonical;
      ctx.req.url = canonical;
      (ctx.req as { originalUrl?: string }).originalUrl = canonical;
      await mounted(ctx, async () => undefined);
      made = { version, body: staticBody(ctx.body) };
    }
    send(ctx, made.body);
  };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** RFC 9110, 13.1.2; a client that says `no-cache` beside it still only asks for a check. */
function hasTag(header: string, etag: string): boolean {
  return header.split(',').some((part) => part.trim().replace(/^W\//, '') === etag);
}

function send(ctx: ParameterizedContext, body: StaticBody): void {
  ctx.set('Cache-Control', CACHE_CONTROL);
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('ETag', body.etag);
  ctx.status = 200;
  if (hasTag(ctx.get('if-none-match'), body.etag)) {
    ctx.status = 304;
    ctx.body = null;
    return;
  }
  ctx.type = 'application/json';
  ctx.body = body.text;
}
