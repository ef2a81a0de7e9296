import { ANSWERS } from '../../openapi/answers.ts';
import { API_PATH } from '../../paths.ts';
import { forwardAuthRoute } from '../forward-auth.ts';
import { reportLeakRoute } from '../leak-report.ts';
import { rateLimit } from '../rate-limit.ts';
import { remoteSignerWebhookRoute } from '../remote-signer-webhook.ts';
import type { ApiRoute } from './route.ts';

/** Methods that a proxy may ask with, as the request has them or as GET. */
const ANY = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const common = { tag: 'Checks', access: { who: 'open' } } as const;

/** Where keys are verified for others, and reported. */
export const CHECK_ROUTES: readonly ApiRoute[] = [
  ...ANY.map(
    (method): ApiRoute => ({
      ...common,
      method,
      path: `${API_PATH}/forward-auth`,
      name: `check ${method.toLowerCase()}`,
      summary: 'May this request through? For a proxy that asks first',
      about: 'Who asks is in `X-Auth-App`, `-Subject`, `-User`, `-Key`, `-Scopes`, `-Kind`.',
      codes: ['invalid_token', 'insufficient_scope', 'browser_key_refused', 'rate_limited'],
      answers: { 200: { type: '' } },
      handle: forwardAuthRoute,
    }),
  ),
  {
    ...common,
    method: 'POST',
    path: `${API_PATH}/keys/report`,
    name: 'check report-leak',
    summary: 'A key was found in public: it is revoked and its owner told',
    about: 'The answer does not say whether there was such a key.',
    codes: ['rate_limited'],
    answers: { 202: ANSWERS.leaks },
    before: (deps) => rateLimit(deps, 'leak_report_ip'),
    handle: reportLeakRoute,
  },
  {
    ...common,
    method: 'POST',
    path: '/webhooks/remote-signer',
    name: 'check remote-signer',
    summary: 'The identity webhook of go-livepeer’s own signer',
    about: 'Only where its secret is configured.',
    codes: ['not_found', 'invalid_token'],
    answers: { 200: ANSWERS.webhook },
    handle: (deps) => remoteSignerWebhookRoute(deps, deps.webhookSecret),
  },
];
