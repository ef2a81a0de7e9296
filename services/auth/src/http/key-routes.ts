import type { Middleware } from 'koa';
import type { ReportLeakDeps } from '../api-keys/report-leaked-key.ts';
import type { AuthorizeRequestDeps } from '../forward-auth/authorize-request.ts';
import { API_PATH } from '../paths.ts';
import type { ConsumeRate } from '../rate-limits/rate-limit.ts';
import { forwardAuthRoute } from './forward-auth.ts';
import { reportLeakRoute } from './leak-report.ts';
import { rateLimit } from './rate-limit.ts';
import { remoteSignerWebhookRoute } from './remote-signer-webhook.ts';

export type KeyRouteDeps = AuthorizeRequestDeps &
  ReportLeakDeps & {
    readonly consumeRate: ConsumeRate;
    readonly webhookSecret: string | undefined;
  };

/** Methods that a proxy may ask with, as the request has them or as GET. */
const ANY = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Route = readonly [(typeof ANY)[number], string, ...Middleware[]];

/** Where keys are verified for others, and reported. */
export function keyRoutes(deps: KeyRouteDeps): readonly Route[] {
  const forwardAuth = forwardAuthRoute(deps);
  return [
    ...ANY.map((method): Route => [method, `${API_PATH}/forward-auth`, forwardAuth]),
    ['POST', `${API_PATH}/keys/report`, rateLimit(deps, 'leak_report_ip'), reportLeakRoute(deps)],
    ['POST', '/webhooks/remote-signer', remoteSignerWebhookRoute(deps, deps.webhookSecret)],
  ];
}
