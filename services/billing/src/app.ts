import {
  errorMiddleware,
  FORWARDED_ROUTES,
  type ForwardedRoute,
  requestId,
} from '@clearinghouse/shared';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { AppDeps } from './http/app-deps.ts';
import { clearChainAlarmRoute, getChainsRoute } from './http/chain.ts';
import { getHealth, getReadiness } from './http/health.ts';
import {
  getBalanceRoute,
  getCapsRoute,
  getLedgerRoute,
  postCreditRoute,
  putCapsRoute,
} from './http/operator.ts';
import { type Caller, requireForward } from './http/require-forward.ts';
import { getOwnBalance, getOwnUsage, getUsage, getUserBalance } from './http/usage.ts';

type Handler = (
  ops: AppDeps['operations'],
  ctx: Context,
  appId: string,
  caller: Caller,
) => Promise<void>;

/** Every forwarded route with its handler; a route of the contract without one does not start. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /api/v1/apps/:appId/usage': getUsage,
  'GET /api/v1/apps/:appId/usage/balance': getUserBalance,
  'GET /api/v1/user/usage': (ops, ctx, _appId, caller) => getOwnUsage(ops, ctx, caller),
  'GET /api/v1/user/usage/balance': (ops, ctx, _appId, caller) => getOwnBalance(ops, ctx, caller),
  'POST /api/v1/admin/apps/:appId/credits': postCreditRoute,
  'GET /api/v1/admin/apps/:appId/balance': getBalanceRoute,
  'PUT /api/v1/admin/apps/:appId/caps': putCapsRoute,
  'GET /api/v1/admin/apps/:appId/caps': getCapsRoute,
  'GET /api/v1/admin/apps/:appId/ledger': getLedgerRoute,
  'GET /api/v1/admin/chain': (ops, ctx) => getChainsRoute(ops, ctx),
  'POST /api/v1/admin/chain/alarms/clear': (ops, ctx, _appId, caller) =>
    clearChainAlarmRoute(ops, ctx, caller),
};

/** The HTTP surface: what auth forwards, and the health of the process. */
export function createApp(deps: AppDeps): Koa {
  const app = new Koa();
  const router = new Router();
  router.get('/healthz', (ctx) => getHealth(ctx));
  router.get('/readyz', (ctx) => getReadiness(ctx, deps.checkReadiness));
  for (const route of FORWARDED_ROUTES) addRoute(router, deps, route);
  app.use(requestId());
  app.use(errorMiddleware({ log: deps.log }));
  app.use(router.routes());
  return app;
}

function addRoute(router: Router, deps: AppDeps, route: ForwardedRoute): void {
  const name = `${route.method} ${route.path}`;
  const handler = HANDLERS[name];
  if (!handler) throw new Error(`no handler for ${name}`);
  router.register(route.path, [route.method], async (ctx) => {
    const caller = await requireForward(deps, ctx, route);
    const { appId } = ctx.params as { appId?: string };
    await handler(deps.operations, ctx, appId ?? '', caller);
  });
}
