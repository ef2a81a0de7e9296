import assert from 'node:assert/strict';
import { fillForm, findForm, formsOf } from '../agent/page-forms.ts';
import { authorize, signIn } from '../agent/relying-party.ts';
import { UserAgent, type Visit } from '../agent/user-agent.ts';
import type { Module } from '../module.ts';
import { AFTER_LOGOUT_URI, type Suite } from '../suite.ts';

type Params = Readonly<Record<string, string>>;
type Session = { readonly agent: UserAgent; readonly idToken: string };

const STATE = 'state-of-the-logout';

/** RP-Initiated Logout OP. */
export const LOGOUT_MODULES: readonly Module[] = [
  {
    name: 'oidcc-rp-initiated-logout-discovery-endpoint-verification',
    run: async ({ metadata }) => {
      assert.ok(URL.canParse(metadata.end_session_endpoint));
    },
  },
  { name: 'oidcc-rp-initiated-logout', run: (suite) => returns(suite, { state: STATE }) },
  {
    name: 'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri',
    run: (suite) => refused(suite, { post_logout_redirect_uri: 'https://rp.example/elsewhere' }),
  },
  {
    name: 'oidcc-rp-initiated-logout-modified-id-token-hint',
    run: (suite) => refused(suite, {}, (idToken) => `${idToken.slice(0, -8)}AAAAAAAA`),
  },
  {
    name: 'oidcc-rp-initiated-logout-bad-id-token-hint',
    run: (suite) => refused(suite, {}, () => 'this-is-no-id-token'),
  },
  { name: 'oidcc-rp-initiated-logout-no-id-token-hint', run: withoutHint },
  {
    name: 'oidcc-rp-initiated-logout-no-params',
    run: (suite) => staysHere(suite, () => ({})),
  },
  {
    name: 'oidcc-rp-initiated-logout-no-post-logout-redirect-uri',
    run: (suite) => staysHere(suite, (idToken) => ({ id_token_hint: idToken, state: STATE })),
  },
  { name: 'oidcc-rp-initiated-logout-no-state', run: (suite) => returns(suite, {}) },
  {
    name: 'oidcc-rp-initiated-logout-only-state',
    run: (suite) => staysHere(suite, () => ({ state: STATE })),
  },
  {
    name: 'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri',
    run: (suite) => refused(suite, { post_logout_redirect_uri: `${AFTER_LOGOUT_URI}?foo=bar` }),
  },
];

async function open(suite: Suite): Promise<Session> {
  const agent = new UserAgent();
  const { idToken } = await signIn(suite, {}, agent);
  return { agent, idToken };
}

function end(suite: Suite, session: Session, params: Params): Promise<Visit> {
  const url = new URL(suite.metadata.end_session_endpoint);
  url.search = new URLSearchParams(params).toString();
  return session.agent.get(url);
}

/** Says yes on the page that asks. */
function confirm(session: Session, page: Visit): Promise<Visit> {
  assert.equal(page.status, 200, page.text.slice(0, 200));
  const form = findForm(page, '/session/end/confirm');
  return session.agent.submit(fillForm(form, { logout: 'yes' }));
}

async function isSignedIn(suite: Suite, { agent }: Session): Promise<boolean> {
  const { response } = await authorize(suite, { prompt: 'none' }, agent);
  return response.get('error') !== 'login_required';
}

/** Comes back to the client, with the state if there was one, and nobody is signed in. */
async function returns(suite: Suite, params: Params): Promise<void> {
  const session = await open(suite);
  const hint = { id_token_hint: session.idToken, post_logout_redirect_uri: AFTER_LOGOUT_URI };
  const { left } = await confirm(session, await end(suite, session, { ...hint, ...params }));
  assert.equal(left && `${left.origin}${left.pathname}`, AFTER_LOGOUT_URI);
  assert.equal(left?.searchParams.get('state'), params.state ?? null);
  assert.equal(await isSignedIn(suite, session), false);
}

/** Ends at a page of the issuer's own, and nobody is signed in. */
async function staysHere(suite: Suite, paramsFor: (idToken: string) => Params): Promise<void> {
  const session = await open(suite);
  const done = await confirm(session, await end(suite, session, paramsFor(session.idToken)));
  assert.deepEqual([done.status, done.left], [200, undefined]);
  assert.equal(await isSignedIn(suite, session), false);
}

/** Asks the person, and then leads nowhere: whoever named the address has not said who they are. */
async function withoutHint(suite: Suite): Promise<void> {
  const session = await open(suite);
  const params = { post_logout_redirect_uri: AFTER_LOGOUT_URI, state: STATE };
  const page = await end(suite, session, params);
  assert.equal(page.left, undefined);
  assert.equal(await isSignedIn(suite, session), true);
  const done = await confirm(session, await end(suite, session, params));
  assert.deepEqual([done.status, done.left], [200, undefined]);
  assert.equal(await isSignedIn(suite, session), false);
}

/** An error page: no way to end the session on it, no redirect, and the session goes on. */
async function refused(
  suite: Suite,
  changed: Params,
  hintFor: (idToken: string) => string = (idToken) => idToken,
): Promise<void> {
  const session = await open(suite);
  const page = await end(suite, session, {
    id_token_hint: hintFor(session.idToken),
    post_logout_redirect_uri: AFTER_LOGOUT_URI,
    state: STATE,
    ...changed,
  });
  assert.deepEqual([page.status, page.left, formsOf(page)], [400, undefined, []]);
  assert.equal(await isSignedIn(suite, session), true);
}
