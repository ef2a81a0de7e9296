import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { makeAccount, redeem, refresh, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://client.example/cb';
const AFTER = 'https://client.example/bye';

describe('logout (RP-Initiated Logout 1.0, Back-Channel Logout 1.0)', () => {
  let auth: TestAuth;
  let client: { clientId: string; redirectUri: string };
  let accountId: string;
  let listener: Server;
  let listenerUrl: string;
  let received: string[] = [];
  let answer = 200;

  beforeAll(async () => {
    auth = await startTestAuth();
    accountId = await makeAccount(auth);
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    listener = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        received.push(new URLSearchParams(body).get('logout_token') ?? '');
        response.writeHead(answer, answer === 302 ? { location: '/again' } : {}).end();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    listenerUrl = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/logout`;
    await setMetadata({ backchannel_logout_uri: listenerUrl });
  });
  beforeEach(() => {
    received = [];
    answer = 200;
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    await auth.stop();
  });

  const setMetadata = async (changed: Record<string, unknown>) => {
    const all = {
      redirect_uris: [REDIRECT],
      post_logout_redirect_uris: [AFTER],
      backchannel_logout_session_required: true,
      ...changed,
    };
    await setClientMetadata([auth], client.clientId, all);
  };
  const signedIn = async () => {
    const session = await signIn(auth, { ...client, accountId });
    const tokens = (await redeem(auth, session, client)).body;
    return { jar: session.jar, tokens };
  };
  const end = (jar: { header: string } | undefined, params: Record<string, string>) =>
    call(`${auth.config.issuer}/session/end?${new URLSearchParams(params)}`, {
      headers: jar ? { cookie: jar.header } : {},
    });
  const xsrfOf = (text: string) => /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const confirm = async (
    session: Awaited<ReturnType<typeof signedIn>>,
    params: Record<string, string> = {},
  ) => {
    const { jar, tokens } = session;
    const page = await end(jar, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: AFTER,
      state: 'bye-1',
      ...params,
    });
    expect(page.status).toBe(200);
    jar.keep(page.headers);
    return call(`${auth.config.issuer}/session/end/confirm`, {
      headers: { cookie: jar.header },
      form: { xsrf: xsrfOf(page.text), logout: 'yes' },
    });
  };

  it('asks first, then ends session and tokens, and comes back with the state', async () => {
    const session = await signedIn();
    const done = await confirm(session);
    expect(done.status).toBe(303);
    expect(done.headers.get('location')).toBe(`${AFTER}?state=bye-1`);
    const again = await refresh(auth, session.tokens.refresh_token, client);
    expect(again.body.error).toBe('invalid_grant');
    const none = await signIn(auth, {
      ...client,
      accountId,
      jar: session.jar,
      params: { prompt: 'none' },
    });
    expect(none.location.searchParams.get('error')).toBe('login_required');
  });

  it('tells the client with a logout token of its own: typ, sub, sid, event, no nonce', async () => {
    const session = await signedIn();
    await confirm(session);
    expect(received).toHaveLength(1);
    const jwks = createRemoteJWKSet(new URL(`${auth.config.issuer}/jwks`));
    const { payload } = await jwtVerify(received[0] ?? '', jwks, {
      issuer: auth.config.issuer,
      audience: client.clientId,
      typ: 'logout+jwt',
    });
    const { sub, sid } = decodeJwt(session.tokens.id_token);
    expect(payload).toMatchObject({
      sub,
      sid,
      jti: expect.any(String),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(payload).not.toHaveProperty('nonce');
  });

  it.each([500, 302])('a client that answers %i does not hold up the logout', async (status) => {
    answer = status;
    const done = await confirm(await signedIn());
    expect(done.status).toBe(303);
    expect(received).toHaveLength(1);
  });

  it('S45: a logout address inside our network is not called, and the logout goes on', async () => {
    await setMetadata({ backchannel_logout_uri: 'https://169.254.169.254/logout' });
    const done = await confirm(await signedIn());
    expect(done.status).toBe(303);
    await setMetadata({ backchannel_logout_uri: listenerUrl });
  });

  it('S23: an address that is not registered, or changed, is refused', async () => {
    const { jar, tokens } = await signedIn();
    for (const uri of [
      'https://evil.example/',
      `${AFTER}?x=1`,
      `${AFTER}/`,
      'javascript:alert(1)',
    ]) {
      const page = await end(jar, {
        id_token_hint: tokens.id_token,
        post_logout_redirect_uri: uri,
      });
      expect(page.status, uri).toBe(400);
    }
  });

  it('S11: a hint that is forged, or no token, is refused', async () => {
    const { jar, tokens } = await signedIn();
    const [head = '', body = ''] = String(tokens.id_token).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const hint of [`${head}.${body}.AAAA`, `${none}.${body}.`, 'nonsense']) {
      expect((await end(jar, { id_token_hint: hint })).status, hint.slice(0, 20)).toBe(400);
    }
  });

  it('without any parameter it only asks; without a session nothing is left to end', async () => {
    const { jar, tokens } = await signedIn();
    expect((await end(jar, {})).status).toBe(200);
    expect((await refresh(auth, tokens.refresh_token, client)).status).toBe(200);
    expect((await end(undefined, {})).status).toBe(200);
  });

  it('S20: a confirmation without its secret ends nothing', async () => {
    const { jar, tokens } = await signedIn();
    await end(jar, {});
    const forged = await call(`${auth.config.issuer}/session/end/confirm`, {
      headers: { cookie: jar.header },
      form: { logout: 'yes', xsrf: 'guess' },
    });
    expect(forged.status).toBe(400);
    expect((await refresh(auth, tokens.refresh_token, client)).status).toBe(200);
  });
});
