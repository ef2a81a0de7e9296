import type { RequestListener } from 'node:http';
import { errorMiddleware, type Logger, requestId } from '@clearinghouse/shared';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { accountRoutes } from './http/account-routes.ts';
import { answerMachineTokens, type MachineTokenDeps } from './http/answer-machine-tokens.ts';
import { bindRoutes, type RouteDeps } from './http/api/route.ts';
import { API_ROUTES } from './http/api/table.ts';
import { serveDocument } from './http/api-document.ts';
import { serveAssets } from './http/assets.ts';
import { health, type ReadyChecks } from './http/health.ts';
import { hostPin } from './http/host-pin.ts';
import { interactionRoutes } from './http/interaction-routes.ts';
import type { IssuerLimitDeps } from './http/issuer-limits.ts';
import { serveMetadata } from './http/issuer-metadata.ts';
import { issuerSurface } from './http/issuer-surface.ts';
import type { JwtTokenDeps } from './http/jwt-tokens.ts';
import { measureRequests } from './http/measure-requests.ts';
import { typedUserCodes } from './http/typed-user-codes.ts';
import type { AccountDeps } from './interactions/account-handlers.ts';
import { recordSessions } from './interactions/account-sign-in.ts';
import { LIMITS } from './limits.ts';
import type { AuthMetrics } from './metrics/auth-metrics.ts';
import type { Issuer } from './oidc/issuer.ts';
import type { AssetFiles } from './pages/asset-files.ts';
import { ISSUER_PATH } from './paths.ts';

export type AppDeps = RouteDeps &
  IssuerLimitDeps &
  JwtTokenDeps &
  MachineTokenDeps &
  AccountDeps & {
    readonly log: Logger;
    readonly assets: AssetFiles;
    readonly issuerParts: Issuer;
    readonly metrics: AuthMetrics;
    readonly readyChecks: ReadyChecks;
    readonly config: {
      readonly origin: string;
      readonly internalOrigins: readonly string[];
      readonly trustedHops: number;
      readonly cookieKeys: readonly string[];
    };
  };

/** Puts the service together; what comes first also guards what comes after it. */
export function createApp(deps: AppDeps): RequestListener {
  const { config, issuerParts: issuer } = deps;
  // The host pin writes the forwarded protocol itself, so that it can be trusted here.
  const app = new Koa({ proxy: true, maxIpsCount: config.trustedHops });
  app.keys = [...config.cookieKeys];
  app.silent = true;
  app.on('error', (err: unknown) => deps.log.error({ err }, 'response failed'));
  const surface = issuerSurface(deps, issuer, ISSUER_PATH);
  const { origin, internalOrigins, trustedHops } = config;
  const metadata = serveMetadata({
    issuer,
    issuerPath: ISSUER_PATH,
    host: new URL(origin).host,
    mounted: surface,
  });
  app.use(requestId());
  app.use(measureRequests(deps.metrics, ISSUER_PATH));
  app.use(errorMiddleware({ log: deps.log }));
  app.use(health(deps.readyChecks, LIMITS.readyTimeoutMs));
  app.use(metadata.keySet);
  app.use(hostPin({ origin, internalOrigins, trustedHops, issuerPath: ISSUER_PATH }));
  app.use(metadata.discovery);
  app.use(serveAssets(deps.assets));
  app.use(recordSessions(deps));
  app.use(typedUserCodes(ISSUER_PATH));
  app.use(surface);
  const api = bindRoutes(deps, API_ROUTES);
  app.use(serveDocument(api, deps));
  app.use(apiHeaders);
  const router = new Router({ sensitive: true, strict: true });
  for (const { method, path, stack } of api) router.register(path, [method], stack as never);
  for (const [method, path, ...stack] of [...interactionRoutes(deps), ...accountRoutes(deps)]) {
    router.register(path, [method], stack as never);
  }
  app.use(router.routes() as Middleware);
  const hosts = new Set([origin, ...internalOrigins].map((name) => new URL(name).host));
  const machines = answerMachineTokens(deps, { issuerPath: ISSUER_PATH, hosts, trustedHops });
  const handle = app.callback();
  return (request, response) => {
    if (metadata.answer(request, response)) return;
    const otherwise = () => void handle(request, response);
    if (!machines(request, response, otherwise)) otherwise();
  };
}

/** Nothing of the API is for caches or for sniffing. */
const apiHeaders: Middleware = async (ctx, next) => {
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Cache-Control', 'no-store');
  await next();
};
