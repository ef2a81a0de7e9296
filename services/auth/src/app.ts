import type { RequestListener } from 'node:http';
import { errorMiddleware, FORWARDED_ROUTES, type Logger, requestId } from '@clearinghouse/shared';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import type { CreateApiKeyDeps } from './api-keys/create-api-key.ts';
import type { AuthenticateDeps } from './clients/authenticate-caller.ts';
import type { ForwardDeps } from './forward/forward-request.ts';
import { accountRoutes } from './http/account-routes.ts';
import {
  changeAppRoute,
  createAppRoute,
  listAppsRoute,
  rotateSecretRoute,
  setAppStatusRoute,
} from './http/admin.ts';
import {
  changeApiKeyRoute,
  createApiKeyRoute,
  listApiKeysRoute,
  revokeAllKeysRoute,
  revokeApiKeyRoute,
} from './http/api-keys.ts';
import { serveAssets } from './http/assets.ts';
import { auditRoutes } from './http/audit-routes.ts';
import { clientRoutes } from './http/client-routes.ts';
import { appExchangeRoute, type ExchangeRouteDeps, keyExchangeRoute } from './http/exchange.ts';
import { forwardRoute } from './http/forward.ts';
import { health, type ReadyChecks } from './http/health.ts';
import { hostPin } from './http/host-pin.ts';
import { interactionRoutes } from './http/interaction-routes.ts';
import type { IssuerLimitDeps } from './http/issuer-limits.ts';
import { serveMetadata } from './http/issuer-metadata.ts';
import { issuerRoutes } from './http/issuer-routes.ts';
import { issuerSurface } from './http/issuer-surface.ts';
import type { JwtTokenDeps } from './http/jwt-tokens.ts';
import { rotateApiKeyRoute } from './http/key-rotation.ts';
import { type KeyRouteDeps, keyRoutes } from './http/key-routes.ts';
import { measureRequests } from './http/measure-requests.ts';
import { requireAdmin, requireApp, requirePerson, requireUser } from './http/require-caller.ts';
import { signerRoutingRoute } from './http/signer-routing.ts';
import { type TeamRouteDeps, teamRoutes } from './http/team-routes.ts';
import { revokeTokenRoute } from './http/tokens.ts';
import { typedUserCodes } from './http/typed-user-codes.ts';
import {
  changeUserRoute,
  deleteUserRoute,
  issueUserTokenRoute,
  listUsersRoute,
  upsertUserRoute,
} from './http/users.ts';
import type { AccountDeps } from './interactions/account-handlers.ts';
import { recordSessions } from './interactions/account-sign-in.ts';
import { LIMITS } from './limits.ts';
import type { AuthMetrics } from './metrics/auth-metrics.ts';
import type { Issuer } from './oidc/issuer.ts';
import type { AssetFiles } from './pages/asset-files.ts';
import { API_PATH, ISSUER_PATH } from './paths.ts';

type RouteDeps = AuthenticateDeps &
  CreateApiKeyDeps &
  ExchangeRouteDeps &
  ForwardDeps &
  KeyRouteDeps &
  TeamRouteDeps;

export type AppDeps = RouteDeps &
  IssuerLimitDeps &
  JwtTokenDeps &
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

type Route = readonly [
  'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS',
  string,
  ...Middleware[],
];

const APP = `${API_PATH}/apps/:appId`;
const ADMIN = `${API_PATH}/admin/apps`;

/** Every route that this service answers itself: method, path, who may, what it does. */
function routes(deps: RouteDeps): readonly Route[] {
  const app = (scope?: string) => requireApp(deps, scope);
  const admin = requireAdmin(deps);
  return [
    ['GET', `${APP}/users`, app('users:read'), listUsersRoute(deps)],
    ['POST', `${APP}/users`, app('users:write'), upsertUserRoute(deps)],
    ['PUT', `${APP}/users`, app('users:write'), changeUserRoute(deps)],
    ['DELETE', `${APP}/users`, app('users:write'), deleteUserRoute(deps)],
    ['POST', `${APP}/users/:externalUserId/token`, app('users:token'), issueUserTokenRoute(deps)],
    ['GET', `${APP}/keys`, app('keys:write'), listApiKeysRoute(deps)],
    ['POST', `${APP}/keys`, app('keys:write'), createApiKeyRoute(deps)],
    ['PATCH', `${APP}/keys/:keyId`, app('keys:write'), changeApiKeyRoute(deps)],
    ['DELETE', `${APP}/keys/:keyId`, app('keys:write'), revokeApiKeyRoute(deps)],
    ['POST', `${APP}/keys/:keyId/rotate`, app('keys:write'), rotateApiKeyRoute(deps)],
    ['POST', `${APP}/keys/revoke-all`, app('keys:write'), revokeAllKeysRoute(deps)],
    ['POST', `${APP}/tokens/revoke`, app('users:token'), revokeTokenRoute(deps)],
    ['GET', `${APP}/signer/routing`, app(), signerRoutingRoute(deps)],
    // The subject token is the credential; a client may prove itself besides.
    ['POST', `${APP}/oidc/token`, appExchangeRoute(deps)],
    ['POST', '/api/pymthouse/keys/exchange', keyExchangeRoute(deps)],
    ['GET', ADMIN, admin, listAppsRoute(deps)],
    ['POST', ADMIN, admin, createAppRoute(deps)],
    ['PATCH', `${ADMIN}/:appId`, admin, changeAppRoute(deps)],
    ['PUT', `${ADMIN}/:appId/status`, admin, setAppStatusRoute(deps)],
    ['POST', `${ADMIN}/:appId/clients/:clientId/secret`, admin, rotateSecretRoute(deps)],
    ...issuerRoutes(deps, admin, ADMIN),
    ...keyRoutes(deps),
    ...teamRoutes(deps, requirePerson(deps), API_PATH),
    ...auditRoutes(
      deps,
      { app: app('audit:read'), admin },
      { app: APP, admin: `${API_PATH}/admin` },
    ),
    ...clientRoutes(deps, app('clients:write'), APP),
    ...clientRoutes(deps, admin, `${ADMIN}/:appId`),
  ];
}

/** Billing's public routes, from the closed table. */
function forwardedRoutes(deps: RouteDeps): readonly Route[] {
  return FORWARDED_ROUTES.map((route) => {
    const { method, path, scope } = route;
    const who = { admin: requireAdmin, user: requireUser }[scope as string];
    return [method, path, who ? who(deps) : requireApp(deps, scope), forwardRoute(deps, route)];
  });
}

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
  app.use(apiHeaders);
  const router = new Router({ sensitive: true, strict: true });
  for (const [method, path, ...stack] of [
    ...routes(deps),
    ...forwardedRoutes(deps),
    ...interactionRoutes(deps),
    ...accountRoutes(deps),
  ]) {
    router.register(path, [method], stack as never);
  }
  app.use(router.routes() as Middleware);
  const handle = app.callback();
  return (request, response) => {
    if (!metadata.answer(request, response)) void handle(request, response);
  };
}

/** Nothing of the API is for caches or for sniffing. */
const apiHeaders: Middleware = async (ctx, next) => {
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Cache-Control', 'no-store');
  await next();
};
