import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationUrl, REDIRECT } from '../testing/browser.ts';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { CookieJar, follow, makeAccount, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('attacks on authorization requests', () => {
  let auth: TestAuth;
  let accountId: string;
  let client: { clientId: string; redirectUri: string };
  let listener: Server;
  let inside: string;
  const connections: string[] = [];

  beforeAll(async () => {
    auth = await startTestAuth();
    accountId = await makeAccount(auth);
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    await setClientMetadata([auth], client.clientId, { redirect_uris: [REDIRECT] });
    listener = createServer((request, response) => {
      connections.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    inside = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    listener.closeAllConnections();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    await auth.stop();
  });

  const ask = (params: Record<string, string>) => call(authorizationUrl(auth, params).url);
  const backOf = (answer: { headers: Headers }) => {
    const url = new URL(answer.headers.get('location') ?? 'https://none.example');
    return { at: `${url.origin}${url.pathname}`, params: url.searchParams };
  };
  const redeem = (form: Record<string, string>) =>
    call(`${auth.url}${TOKEN_PATH}`, {
      form: {
        grant_type: 'authorization_code',
        redirect_uri: REDIRECT,
        client_id: client.clientId,
        ...form,
      },
    });

  it.each(['client_id', 'redirect_uri', 'scope', 'state', 'code_challenge'])(
    'S6: %s twice is invalid_request and asks nobody',
    async (name) => {
      const { url } = authorizationUrl(auth);
      const twice = new URL(url);
      twice.searchParams.append(name, twice.searchParams.get(name) ?? '');
      const answer = await call(twice.href);
      const error = backOf(answer).params.get('error') ?? answer.body?.error ?? answer.text;
      expect(answer.headers.get('location') ?? '').not.toContain('/interaction/');
      expect(String(error)).toContain('invalid_request');
    },
  );

  it.each([
    ['a challenge that is too short', { code_challenge: 'x'.repeat(42) }],
    ['a challenge of other letters', { code_challenge: '+'.repeat(43) }],
    ['an unknown method', { code_challenge_method: 'S512' }],
    ['plain', { code_challenge_method: 'plain' }],
  ])('S7: %s is invalid_request', async (_name, params) => {
    const { at, params: back } = backOf(await ask(params));
    expect([at, back.get('error')]).toEqual([REDIRECT, 'invalid_request']);
  });

  it('S7: a challenge without its method is never taken as plain', async () => {
    const { verifier } = authorizationUrl(auth);
    const params = { code_challenge: verifier, code_challenge_method: undefined };
    const { location, code } = await signIn(auth, { ...client, accountId, params });
    expect([code, location.searchParams.get('error')]).toEqual(['', 'invalid_request']);
  });

  it.each([
    ['no verifier', {}],
    ['a short one', { code_verifier: 'x'.repeat(42) }],
    ['a long one', { code_verifier: 'x'.repeat(129) }],
    ['another', { code_verifier: 'x'.repeat(43) }],
  ])('S7, S8: a code with a challenge and %s is refused', async (_name, form) => {
    const { code } = await signIn(auth, { ...client, accountId });
    const answer = await redeem({ code, ...(form as Record<string, string>) });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(/^invalid_(grant|request)$/);
    expect(answer.body).not.toHaveProperty('access_token');
  });

  it.each(['token', 'id_token', 'code id_token', 'code token', 'id_token token', 'none'])(
    'S9: response_type %s is unsupported_response_type',
    async (response_type) => {
      const answer = await ask({ response_type });
      const url = new URL(answer.headers.get('location') ?? '');
      // Errors of the implicit types come back behind the hash.
      const params = new URLSearchParams(url.search || url.hash.slice(1));
      expect(params.get('error')).toBe('unsupported_response_type');
      expect(params.get('access_token')).toBeNull();
    },
  );

  it('S10: neither request_uri nor request, nor anything in them, makes a connection', async () => {
    const before = connections.length;
    const header = Buffer.from(JSON.stringify({ alg: 'none', jku: `${inside}/jku` }));
    const claims = Buffer.from(JSON.stringify({ request_uri: `${inside}/nested` }));
    const object = `${header.toString('base64url')}.${claims.toString('base64url')}.`;
    const errors: (string | null)[] = [];
    for (const params of [
      { request_uri: `${inside}/r` },
      { request_uri: 'http://169.254.169.254/latest/meta-data' },
      { request_uri: 'file:///etc/passwd' },
      { request: object },
    ]) {
      errors.push(backOf(await ask(params as Record<string, string>)).params.get('error'));
    }
    expect(errors.slice(0, 3).every((error) => /^(invalid_)?request_uri/.test(error ?? ''))).toBe(
      true,
    );
    expect(errors[3]).toBe('request_not_supported');
    expect(connections).toHaveLength(before);
  });

  it('S14: iss is in every response, of a code and of an error', async () => {
    const good = await signIn(auth, { ...client, accountId });
    const refused = backOf(await ask({ prompt: 'none' })).params;
    expect(refused.get('error')).toBe('login_required');
    for (const params of [good.location.searchParams, refused]) {
      expect(params.get('iss')).toBe(auth.config.issuer);
    }
  });

  it('S23: initiate_login_uri is kept for others, and never redirected to', async () => {
    await setClientMetadata([auth], client.clientId, {
      redirect_uris: [REDIRECT],
      initiate_login_uri: 'https://client.example/start',
    });
    const params = {
      initiate_login_uri: 'https://evil.example/',
      target_link_uri: 'https://e.example/',
    };
    const { location, code } = await signIn(auth, { ...client, accountId, params });
    expect([`${location.origin}${location.pathname}`, code === '']).toEqual([REDIRECT, false]);
  });

  it('S39: a pushed request is used once', async () => {
    const { url } = authorizationUrl(auth);
    const form = Object.fromEntries(new URL(url).searchParams);
    const pushed = await call(`${auth.config.issuer}/request`, { form });
    expect(pushed.status).toBe(201);
    const query = new URLSearchParams({
      request_uri: pushed.body.request_uri,
      client_id: client.clientId,
    });
    const start = `${auth.config.issuer}/auth?${query}`;
    const first = await follow(auth, start, { accountId, jar: new CookieJar() });
    expect(first.location.searchParams.get('code')).toBeTruthy();
    const again = await call(start);
    const answer = again.headers.get('location') ?? again.text;
    expect(answer).not.toContain('/interaction/');
    expect(answer).toContain('invalid_request');
  });
});
