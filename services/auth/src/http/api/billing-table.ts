import {
  alarmBodySchema,
  balanceQuerySchema,
  capsBodySchema,
  creditBodySchema,
  FORWARDED_ROUTES,
  type ForwardedRoute,
  ledgerQuerySchema,
  usageQuerySchema,
} from '@clearinghouse/shared';
import { ANSWERS } from '../../openapi/answers.ts';
import type { Access, Operation } from '../../openapi/operation.ts';
import { forwardRoute } from '../forward.ts';
import type { ApiRoute } from './route.ts';

type Words = Pick<Operation, 'name' | 'tag' | 'summary' | 'answers' | 'once' | 'codes' | 'about'> &
  Pick<ApiRoute, 'input'>;

const usage = {
  tag: 'Usage',
  input: { query: usageQuerySchema },
  answers: { 200: ANSWERS.usage },
} as const;
const left = { tag: 'Usage', answers: { 200: ANSWERS.userBalance } } as const;

/** What billing answers, in words; a forwarded route without them does not start. */
const WORDS: Readonly<Record<string, Words>> = {
  'GET /api/v1/apps/:appId/usage': {
    ...usage,
    name: 'usage show',
    summary: 'What the app used, by user, pipeline and model, or day',
  },
  'GET /api/v1/apps/:appId/usage/balance': {
    ...left,
    name: 'usage balance',
    summary: 'What a user, or the app, may still spend',
    input: { query: balanceQuerySchema },
  },
  'GET /api/v1/user/usage': { ...usage, name: 'own usage', summary: 'The user’s own usage' },
  'GET /api/v1/user/usage/balance': {
    ...left,
    name: 'own balance',
    summary: 'What the user who asks may still spend',
  },
  'POST /api/v1/admin/apps/:appId/credits': {
    name: 'credit add',
    tag: 'Money',
    summary: 'Post credit to an app: an entry in the ledger',
    once: 'required',
    codes: ['invalid_amount', 'not_found'],
    input: { body: creditBodySchema },
    answers: { 201: ANSWERS.credit },
  },
  'GET /api/v1/admin/apps/:appId/balance': {
    name: 'balance show',
    tag: 'Money',
    summary: 'Posted, held and available',
    answers: { 200: ANSWERS.balance },
  },
  'PUT /api/v1/admin/apps/:appId/caps': {
    name: 'cap set',
    tag: 'Money',
    summary: 'Set caps, remove those with a null limit, leave the others',
    codes: ['invalid_amount'],
    input: { body: capsBodySchema },
    answers: { 200: ANSWERS.caps },
  },
  'GET /api/v1/admin/apps/:appId/caps': {
    name: 'cap list',
    tag: 'Money',
    summary: 'Caps per app, user and key, and where they stand',
    answers: { 200: ANSWERS.caps },
  },
  'GET /api/v1/admin/apps/:appId/ledger': {
    name: 'ledger list',
    tag: 'Money',
    summary: 'Entries, newest first; the first page has the sums by account',
    input: { query: ledgerQuerySchema },
    answers: { 200: ANSWERS.ledger },
  },
  'GET /api/v1/admin/chain': {
    name: 'chain show',
    tag: 'Installation',
    summary: 'Deposit and reserve in the books beside the contract’s own word, and alarms',
    answers: { 200: ANSWERS.chain },
  },
  'POST /api/v1/admin/chain/alarms/clear': {
    name: 'chain clear-alarm',
    tag: 'Installation',
    summary: 'An alarm is seen to',
    codes: ['not_found'],
    input: { body: alarmBodySchema },
    answers: { 200: ANSWERS.alarmCleared },
  },
};

function accessOf({ scope }: ForwardedRoute): Access {
  return scope === 'admin' || scope === 'user' ? { who: scope } : { who: 'app', scope };
}

/** Billing's public routes, from the closed table. */
export const BILLING_ROUTES: readonly ApiRoute[] = FORWARDED_ROUTES.map((route) => {
  const { method, path } = route;
  const words = WORDS[`${method} ${path}`];
  if (!words) throw new Error(`no description of ${method} ${path}`);
  const handle: ApiRoute['handle'] = (deps) => forwardRoute(deps, route);
  return { input: {}, ...words, method, path, access: accessOf(route), handle };
});
