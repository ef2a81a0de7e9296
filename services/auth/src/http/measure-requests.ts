import type { Context, Middleware } from 'koa';
import type { AuthMetrics } from '../metrics/auth-metrics.ts';

/** Routes of the issuer, which its own router answers. */
const ISSUER_ROUTES: ReadonlySet<string> = new Set([
  '/auth',
  '/token',
  '/token/introspection',
  '/token/revocation',
  '/me',
  '/session/end',
  '/device',
  '/device/auth',
  '/request',
]);
const OTHER = 'other';

/** Counts and times what is answered, by route; a path that nobody serves is `other`. */
export function measureRequests(
  metrics: Pick<AuthMetrics, 'observeRequest'>,
  issuerPath: string,
): Middleware {
  return async (ctx, next) => {
    const startedMs = performance.now();
    await next();
    const elapsedMs = performance.now() - startedMs;
    metrics.observeRequest({ route: routeOf(ctx, issuerPath), status: ctx.status, elapsedMs });
  };
}

function routeOf(ctx: Context, issuerPath: string): string {
  const pattern: unknown = (ctx as { _matchedRoute?: unknown })._matchedRoute;
  if (typeof pattern === 'string') return pattern;
  const { path } = ctx;
  if (!path.startsWith(`${issuerPath}/`)) return OTHER;
  const rest = path.slice(issuerPath.length);
  return ISSUER_ROUTES.has(rest) ? rest : OTHER;
}
