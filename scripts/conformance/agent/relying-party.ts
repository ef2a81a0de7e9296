import assert from 'node:assert/strict';
import { type JWTPayload, jwtVerify } from 'jose';
import { REDIRECT_URI, type Suite } from '../suite.ts';
import { type SignedIn, signInAt } from './sign-in.ts';
import { UserAgent } from './user-agent.ts';

type Params = Readonly<Record<string, string | undefined>>;

/** A response of the authorization endpoint, after whatever the person was asked. */
export type Authorized = SignedIn & { readonly response: URLSearchParams };

/** An answer in JSON, or no JSON. */
export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

/** What a whole sign-in gave. */
export type Tokens = {
  readonly claims: JWTPayload & { readonly sub: string };
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly asked: SignedIn['asked'];
};

/** The address of an authorization request; undefined leaves a parameter out. */
export function authorizationUrl(suite: Suite, params: Params = {}): URL {
  const all = {
    client_id: suite.client.clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    state: 'state-of-the-suite',
    nonce: 'nonce-of-the-suite',
    ...params,
  };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  const url = new URL(suite.metadata.authorization_endpoint);
  url.search = new URLSearchParams(given as [string, string][]).toString();
  return url;
}

/** Goes through an authorization request, in a browser that may be signed in. */
export async function authorize(
  suite: Suite,
  params: Params = {},
  agent = new UserAgent(),
): Promise<Authorized> {
  const first = await agent.get(authorizationUrl(suite, params));
  const signedIn = await signInAt(agent, first, suite.issuer.person);
  return { ...signedIn, response: responseIn(signedIn) };
}

/** The parameters that came back to the redirect URI. @throws when none did. */
function responseIn({ end }: SignedIn): URLSearchParams {
  assert.ok(end.left, `no redirect to the client: HTTP ${end.status} at ${end.url.pathname}`);
  assert.equal(`${end.left.origin}${end.left.pathname}`, REDIRECT_URI);
  return end.left.searchParams;
}

/** The code of a response that has to have one. */
export function codeIn(suite: Suite, response: URLSearchParams): string {
  assert.equal(response.get('error'), null, `error: ${response.get('error_description')}`);
  assert.equal(response.get('state'), 'state-of-the-suite');
  assert.equal(response.get('iss'), suite.metadata.issuer);
  const code = response.get('code');
  assert.ok(code, 'no code');
  return code;
}

/** Sends a form to the token endpoint, as the suite's client. */
export async function askForTokens(
  suite: Suite,
  form: Readonly<Record<string, string>>,
  how: 'client_secret_basic' | 'client_secret_post' = 'client_secret_basic',
): Promise<Answer> {
  const { clientId, clientSecret } = suite.client;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const own = how === 'client_secret_post';
  const secret = { client_id: clientId, client_secret: clientSecret };
  const response = await fetch(suite.metadata.token_endpoint, {
    method: 'POST',
    headers: own ? {} : { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ ...form, ...(own ? secret : {}) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Redeems a code. */
export function redeem(
  suite: Suite,
  code: string,
  more: Readonly<Record<string, string>> = {},
  how?: 'client_secret_basic' | 'client_secret_post',
): Promise<Answer> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...more };
  return askForTokens(suite, form, how);
}

/** A whole sign-in: request, code, tokens, and the ID token verified. */
export async function signIn(
  suite: Suite,
  params: Params = {},
  agent = new UserAgent(),
): Promise<Tokens> {
  const { response, asked } = await authorize(suite, params, agent);
  const answer = await redeem(suite, codeIn(suite, response));
  return { ...(await tokensIn(suite, answer)), asked };
}

/** The tokens of an answer that has to be good. */
export async function tokensIn(suite: Suite, answer: Answer): Promise<Omit<Tokens, 'asked'>> {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { access_token, id_token, token_type, refresh_token } = answer.body;
  assert.equal(String(token_type).toLowerCase(), 'bearer');
  const { payload } = await jwtVerify(String(id_token), suite.keys, {
    issuer: suite.metadata.issuer,
    audience: suite.client.clientId,
    requiredClaims: ['sub', 'iat', 'exp'],
  });
  return {
    claims: payload as Tokens['claims'],
    idToken: String(id_token),
    accessToken: String(access_token),
    refreshToken: refresh_token === undefined ? undefined : String(refresh_token),
  };
}

/** Asks userinfo, by the header unless another request is given. */
export async function userinfo(
  suite: Suite,
  accessToken: string,
  init: RequestInit = { headers: { authorization: `Bearer ${accessToken}` } },
): Promise<Answer> {
  const response = await fetch(suite.metadata.userinfo_endpoint, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}
