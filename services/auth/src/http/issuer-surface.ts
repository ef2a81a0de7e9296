import type { Middleware } from 'koa';
import mount from 'koa-mount';
import type { Issuer } from '../oidc/issuer.ts';

/**
 * The OpenID provider under its path. A failed client gets no `WWW-Authenticate: Basic` from the
 * token endpoint: clients of the builder API turn that header into a 500 (see docs/adr/0003).
 */
export function issuerSurface(issuer: Issuer, issuerPath: string): Middleware {
  const mounted = mount(issuerPath, issuer.middleware);
  const tokenPath = `${issuerPath}/token`;
  return async (ctx, next) => {
    if (ctx.path !== tokenPath) return mounted(ctx, next);
    ctx.set('Pragma', 'no-cache');
    await mounted(ctx, next);
    if (ctx.status === 401) ctx.remove('WWW-Authenticate');
  };
}
