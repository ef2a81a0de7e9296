import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  authorizationUrl,
  authorize,
  codeIn,
  redeem,
  signIn,
  tokensIn,
} from '../agent/relying-party.ts';
import { signInAt } from '../agent/sign-in.ts';
import { UserAgent } from '../agent/user-agent.ts';
import type { Module } from '../module.ts';
import { REDIRECT_URI, type Suite } from '../suite.ts';

const MAX_AGE_WAIT_MS = 2_100;
const UNSIGNED = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
  JSON.stringify({ redirect_uri: REDIRECT_URI, state: 'of the object' }),
).toString('base64url')}.`;

/** Basic OP: requests to the authorization endpoint, their options and what is refused. */
export const REQUEST_MODULES: readonly Module[] = [
  { name: 'oidcc-response-type-missing', run: responseTypeMissing },
  { name: 'oidcc-alternate-happy-flow', run: laterRequest },
  { name: 'oidcc-display-page', run: (suite) => succeeds(suite, { display: 'page' }) },
  { name: 'oidcc-display-popup', run: (suite) => succeeds(suite, { display: 'popup' }) },
  { name: 'oidcc-prompt-login', run: promptLogin },
  { name: 'oidcc-prompt-none-not-logged-in', run: promptNoneNobody },
  { name: 'oidcc-prompt-none-logged-in', run: (suite) => silently(suite, () => ({})) },
  { name: 'oidcc-max-age-1', run: maxAgeOne },
  { name: 'oidcc-max-age-10000', run: maxAgeLong },
  {
    name: 'oidcc-ensure-request-with-unknown-parameter-succeeds',
    run: (suite) => succeeds(suite, { extra: 'foobar' }),
  },
  {
    name: 'oidcc-id-token-hint',
    run: (suite) => silently(suite, (idToken) => ({ id_token_hint: idToken })),
  },
  { name: 'oidcc-login-hint', run: loginHint },
  { name: 'oidcc-ui-locales', run: (suite) => succeeds(suite, { ui_locales: 'se' }) },
  { name: 'oidcc-claims-locales', run: (suite) => succeeds(suite, { claims_locales: 'se' }) },
  {
    name: 'oidcc-ensure-request-with-acr-values-succeeds',
    run: (suite) => succeeds(suite, { acr_values: '1 2' }),
  },
  { name: 'oidcc-ensure-registered-redirect-uri', run: foreignRedirectUri },
  { name: 'oidcc-ensure-post-request-succeeds', run: byPost },
  {
    name: 'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
    run: (suite) =>
      rejected(suite, { request_uri: 'https://rp.example/r' }, 'request_uri_not_supported'),
  },
  {
    name: 'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
    run: (suite) => rejected(suite, { request: UNSIGNED }, 'request_not_supported'),
  },
  {
    name: 'oidcc-ensure-request-object-with-redirect-uri',
    run: async (suite) => {
      await rejected(suite, { request: UNSIGNED }, 'request_not_supported');
      return 'request objects are not offered: request_not_supported';
    },
  },
];

async function succeeds(suite: Suite, params: Record<string, string>): Promise<void> {
  await signIn(suite, params);
}

async function responseTypeMissing(suite: Suite): Promise<void> {
  const { response, asked } = await authorize(suite, { response_type: undefined });
  assert.equal(response.get('error'), 'invalid_request');
  assert.equal(response.get('code'), null);
  assert.deepEqual(asked, []);
}

/** Another request in a browser that is signed in: another code, and the same person. */
async function laterRequest(suite: Suite): Promise<void> {
  const agent = new UserAgent();
  const first = await signIn(suite, {}, agent);
  const second = await signIn(suite, { nonce: 'another' }, agent);
  assert.deepEqual([second.claims.sub, second.claims.nonce], [first.claims.sub, 'another']);
}

async function promptLogin(suite: Suite): Promise<void> {
  const agent = new UserAgent();
  const first = await signIn(suite, { max_age: '10000' }, agent);
  await sleep(MAX_AGE_WAIT_MS);
  const second = await signIn(suite, { prompt: 'login', max_age: '10000' }, agent);
  assert.ok(second.asked.includes('login'));
  assert.equal(second.claims.sub, first.claims.sub);
  assert.ok(Number(second.claims.auth_time) > Number(first.claims.auth_time));
}

async function promptNoneNobody(suite: Suite): Promise<void> {
  const { response, asked } = await authorize(suite, { prompt: 'none' });
  assert.deepEqual([response.get('error'), asked], ['login_required', []]);
  assert.equal(response.get('state'), 'state-of-the-suite');
}

async function silently(
  suite: Suite,
  paramsFor: (idToken: string) => Record<string, string>,
): Promise<void> {
  const agent = new UserAgent();
  const first = await signIn(suite, {}, agent);
  const params = { prompt: 'none', ...paramsFor(first.idToken) };
  const second = await signIn(suite, params, agent);
  assert.deepEqual([second.claims.sub, second.asked], [first.claims.sub, []]);
}

async function maxAgeOne(suite: Suite): Promise<void> {
  const agent = new UserAgent();
  const first = await signIn(suite, { max_age: '10000' }, agent);
  await sleep(MAX_AGE_WAIT_MS);
  const second = await signIn(suite, { max_age: '1' }, agent);
  assert.ok(second.asked.includes('login'));
  assert.ok(Number(second.claims.auth_time) > Number(first.claims.auth_time));
}

async function maxAgeLong(suite: Suite): Promise<void> {
  const agent = new UserAgent();
  const first = await signIn(suite, { max_age: '10000' }, agent);
  const second = await signIn(suite, { max_age: '10000' }, agent);
  assert.deepEqual(second.asked, []);
  assert.equal(second.claims.auth_time, first.claims.auth_time);
  assert.equal(second.claims.sub, first.claims.sub);
}

async function loginHint(suite: Suite): Promise<void> {
  const agent = new UserAgent();
  const { email } = suite.issuer.person;
  const page = await agent.get(authorizationUrl(suite, { login_hint: email }));
  assert.ok(page.text.includes(`value="${email}"`), 'the address is not filled in');
  await signIn(suite, { login_hint: email }, agent);
}

async function foreignRedirectUri(suite: Suite): Promise<void> {
  const agent = new UserAgent();
  const foreign = authorizationUrl(suite, { redirect_uri: `${REDIRECT_URI}/other` });
  const page = await agent.get(foreign);
  assert.deepEqual([page.status, page.left], [400, undefined]);
}

async function byPost(suite: Suite): Promise<void> {
  const agent = new UserAgent();
  const url = authorizationUrl(suite);
  const first = await agent.submit({
    action: `${url.origin}${url.pathname}`,
    method: 'POST',
    origin: new URL(REDIRECT_URI).origin,
    fields: Object.fromEntries(url.searchParams),
  });
  const { end } = await signInAt(agent, first, suite.issuer.person);
  const code = codeIn(suite, end.left?.searchParams ?? new URLSearchParams());
  await tokensIn(suite, await redeem(suite, code));
}

async function rejected(
  suite: Suite,
  params: Record<string, string>,
  error: string,
): Promise<void> {
  const { response, asked } = await authorize(suite, params);
  assert.deepEqual([response.get('error'), asked], [error, []]);
}
