import type { RequestListener } from 'node:http';
import { STAGES, watchRequests } from '@clearinghouse/shared';
import Koa, { type Context } from 'koa';
import { answerErrors } from './http/answer-errors.ts';
import { answerPayments, PAYMENT_PATH } from './http/answer-payments.ts';
import { DISCOVERY_PATH, discoverOrchestrators } from './http/discover-orchestrators.ts';
import { methodNotAllowed, pageNotFound } from './http/go-mux.ts';
import { getHealth, getReadiness } from './http/health.ts';
import { signOrchestratorInfo } from './http/sign-orchestrator-info.ts';
import { getStatus } from './http/status.ts';
import type { Surface } from './http/surface.ts';

type Route = {
  readonly methods: readonly string[];
  readonly handle: (ctx: Context) => void | Promise<void>;
};

/** Paths that a trace may name. */
const ROUTES = new Set([
  PAYMENT_PATH,
  '/sign-orchestrator-info',
  '/discover-orchestrators',
  '/status',
]);

/** The HTTP surface: go-livepeer's two routes at the root, and what operators ask. */
export function createApp(deps: Surface): RequestListener {
  const answerPayment = answerPayments(deps);
  const answerOther = createKoa(deps, answerPayment).callback();
  const answer: RequestListener = (req, res) => {
    if (req.url === PAYMENT_PATH && req.method === 'POST') answerPayment(req, res);
    else void answerOther(req, res);
  };
  return watchRequests(STAGES['signer.request'], ROUTES, answer);
}

function createKoa(deps: Surface, answerPayment: RequestListener): Koa {
  const routes = new Map<string, Route>([
    // Payments whose URL is not the bare path (a query, or absolute as proxies send it) come here.
    [PAYMENT_PATH, post(NOTHING)],
    ['/sign-orchestrator-info', post((ctx) => signOrchestratorInfo(deps, ctx))],
    ['/status', get((ctx) => getStatus(ctx, deps.checksumAddress))],
    ['/healthz', get((ctx) => getHealth(ctx))],
    ['/readyz', get((ctx) => getReadiness(ctx, deps.readiness))],
  ]);
  const { discovery } = deps;
  // As at go-livepeer's signer, there is no such page where nothing is discovered.
  if (discovery)
    routes.set(
      DISCOVERY_PATH,
      get((ctx) => discoverOrchestrators(deps, discovery, ctx)),
    );
  const app = new Koa();
  app.on('error', (err: unknown) => deps.log.warn({ err }, 'an answer could not be sent'));
  app.use((ctx, next) => {
    if (ctx.path !== PAYMENT_PATH || ctx.method !== 'POST') return next();
    ctx.respond = false;
    answerPayment(ctx.req, ctx.res);
    return undefined;
  });
  app.use(answerErrors(deps));
  app.use((ctx) => {
    const route = routes.get(ctx.path);
    if (route === undefined) return pageNotFound(ctx);
    if (!route.methods.includes(ctx.method)) return methodNotAllowed(ctx, route.methods.join(', '));
    return route.handle(ctx);
  });
  return app;
}

const NOTHING = () => undefined;

function post(handle: Route['handle']): Route {
  return { methods: ['POST'], handle };
}

function get(handle: Route['handle']): Route {
  return { methods: ['GET', 'HEAD'], handle };
}
