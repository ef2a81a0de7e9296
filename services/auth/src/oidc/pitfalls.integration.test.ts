import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { CookieJar, follow, makeAccount, redeem, refresh, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';
import { artifactKey } from './artifact-store.ts';

const REDIRECT = 'https://client.example/cb';
const NATIVE = 'http://127.0.0.1/cb';

// Traps of the library and of the protocols around it; those with a suite of their own stand there:
// docs/security-tests.md says where.
describe('pitfalls of the issuer', () => {
  let auth: TestAuth;
  let issuer: string;
  let accountId: string;
  let client: { clientId: string; redirectUri: string };

  beforeAll(async () => {
    auth = await startTestAuth();
    ({ issuer } = auth.config);
    accountId = await makeAccount(auth);
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    await setClientMetadata([auth], client.clientId, { redirect_uris: [REDIRECT] });
  });
  afterAll(() => auth.stop());

  const discovery = async () => (await call(`${issuer}/.well-known/openid-configuration`)).body;

  it('pitfall 6: a scope that is unknown is refused, and what is granted is said', async () => {
    const ask = (scope: string) =>
      call(`${auth.url}${TOKEN_PATH}`, {
        as: auth.seed.machine,
        form: { grant_type: 'client_credentials', scope },
      });
    expect((await ask('users:read made:up')).body.error).toBe('invalid_scope');
    expect((await ask('users:read')).body.scope).toBe('users:read');
    const signedIn = await signIn(auth, { ...client, accountId, scope: 'openid made:up' });
    expect((await redeem(auth, signedIn, client)).body.scope).toBe('openid');
  });

  it('pitfall 7: neither implicit nor hybrid is advertised, nor any weak algorithm', async () => {
    const metadata = await discovery();
    expect(metadata.response_types_supported).toEqual(['code']);
    expect(metadata.grant_types_supported).not.toContain('implicit');
    expect(metadata.code_challenge_methods_supported).toEqual(['S256']);
    expect(metadata.id_token_signing_alg_values_supported.sort()).toEqual(['ES256', 'RS256']);
    expect(metadata.token_endpoint_auth_methods_supported).not.toContain('client_secret_jwt');
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true);
    expect(metadata.device_authorization_endpoint).toBe(`${issuer}/device/auth`);
    expect(metadata.backchannel_logout_supported).toBe(true);
    expect(metadata.pushed_authorization_request_endpoint).toBe(`${issuer}/request`);
    expect(JSON.stringify(metadata)).not.toContain('"HS256"');
  });

  it('RFC 8414: the same document at all four places', async () => {
    const at = (path: string) => call(`${auth.url}${path}`);
    const path = new URL(issuer).pathname;
    const answers = await Promise.all([
      at(`${path}/.well-known/openid-configuration`),
      at(`${path}/.well-known/oauth-authorization-server`),
      at(`/.well-known/oauth-authorization-server${path}`),
      at('/.well-known/openid-configuration'),
    ]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body.issuer).toBe(issuer);
  });

  it('pitfall 14: a redirect URI is never left out', async () => {
    const signedIn = await signIn(auth, { ...client, accountId });
    const answer = await call(`${auth.url}${TOKEN_PATH}`, {
      form: {
        grant_type: 'authorization_code',
        code: signedIn.code,
        code_verifier: signedIn.verifier,
        client_id: client.clientId,
      },
    });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('pitfall 15: a native client may use any port of this machine, with the exact path', async () => {
    await setClientMetadata([auth], client.clientId, {
      redirect_uris: [NATIVE],
      application_type: 'native',
    });
    const at = (redirectUri: string) =>
      signIn(auth, { clientId: client.clientId, redirectUri, accountId });
    expect((await at('http://127.0.0.1:51004/cb')).code).not.toBe('');
    for (const uri of ['http://127.0.0.1:51004/other', 'http://localhost:51004/cb']) {
      expect((await at(uri)).code, uri).toBe('');
    }
    await setClientMetadata([auth], client.clientId, { redirect_uris: [REDIRECT] });
  });

  it('pitfall 16: an authorization request by POST is one by GET', async () => {
    const verifier = 'v'.repeat(43);
    const form = {
      client_id: client.clientId,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: 'openid',
      state: 'a b&c=d',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    const posted = await call(`${issuer}/auth`, { form });
    expect(posted.status).toBe(303);
    const to = new URL(posted.headers.get('location') ?? '', auth.url);
    expect(to.origin).toBe(auth.url);
    const { location } = await follow(auth, to.href, { accountId, jar: new CookieJar() });
    expect(location.searchParams.get('state')).toBe('a b&c=d');
    const code = location.searchParams.get('code') ?? '';
    expect((await redeem(auth, { code, verifier }, client)).status).toBe(200);
    const json = await call(`${issuer}/auth`, { json: form });
    expect(json.status).toBe(400);
  });

  it('pitfall 18: a grant outlives every refresh token under it', async () => {
    const { refresh_token } = (
      await redeem(auth, await signIn(auth, { ...client, accountId }), client)
    ).body;
    const [row] = await auth.deps.db<{ outlives: boolean }[]>`
      select g.expires_at > t.expires_at as outlives
      from auth.oidc_artifacts t join auth.oidc_artifacts g on g.model = 'Grant'
        and g.id_hash = sha256(t.grant_id::bytea)
      where t.model = 'RefreshToken' and t.id_hash = ${artifactKey(refresh_token)}`;
    expect(row?.outlives).toBe(true);
  });

  it('a refresh token without offline_access ends with its session, one with it does not', async () => {
    const tokenOf = async (scope: string) => {
      const signedIn = await signIn(auth, {
        ...client,
        accountId,
        scope,
        params: { prompt: 'consent' },
      });
      return (await redeem(auth, signedIn, client)).body.refresh_token as string;
    };
    const [online, offline] = [await tokenOf('openid'), await tokenOf('openid offline_access')];
    await auth.deps.db`delete from auth.oidc_artifacts where model = 'Session'`;
    expect((await refresh(auth, online, client)).body.error).toBe('invalid_grant');
    expect((await refresh(auth, offline, client)).status).toBe(200);
  });

  it('pitfall 20: what a token says is asked anew at each refresh', async () => {
    const other = await makeAccount(auth);
    const signedIn = await signIn(auth, { ...client, accountId: other, scope: 'openid sign:job' });
    const first = (await redeem(auth, signedIn, client)).body;
    const second = (await refresh(auth, first.refresh_token, client)).body;
    expect(decodeJwt(second.access_token)).toMatchObject({
      sub: decodeJwt(first.access_token).sub,
      external_user_id: other,
      scope: 'sign:job',
    });
  });

  it('pitfall 27: the audience of a token is one text', async () => {
    const signedIn = await signIn(auth, { ...client, accountId, scope: 'openid sign:job' });
    const { access_token } = (await redeem(auth, signedIn, client)).body;
    expect(decodeJwt(access_token).aud).toBe(issuer);
  });

  it('S38: a cookie that was changed is no session', async () => {
    const { jar } = await signIn(auth, { ...client, accountId });
    const forged = new CookieJar();
    for (const pair of jar.header.split('; ')) {
      const changed = pair.startsWith('ch_session.sig=') ? 'ch_session.sig=forged' : pair;
      forged.keep(new Headers([['set-cookie', changed]]));
    }
    const again = await signIn(auth, { ...client, accountId, jar: forged });
    expect(again.prompts).toContain('login');
  });

  it('S40: names of a prototype are parameters like any other', async () => {
    const params = { __proto__: 'x', constructor: 'y', 'a[__proto__][b]': 'z' };
    const signedIn = await signIn(auth, { ...client, accountId, params });
    expect(signedIn.code).not.toBe('');
    expect(({} as Record<string, unknown>).b).toBeUndefined();
  });

  describe('the database is away', () => {
    let replica: TestReplica;
    beforeAll(async () => {
      replica = await auth.startReplica();
      await replica.deps.db.end({ timeout: 0 });
    });

    const form = 'application/x-www-form-urlencoded';
    it.each<[string, string, string, Record<string, string>, string?]>([
      ['the token endpoint', 'POST', '/token', {}, 'grant_type=refresh_token&client_id=unknown'],
      ['introspection', 'POST', '/token/introspection', {}, 'token=x&client_id=unknown'],
      ['the authorization endpoint', 'GET', '/auth?client_id=unknown', { accept: 'text/html' }],
      ['userinfo', 'GET', '/me', { authorization: 'Bearer x' }],
      ['device authorization', 'POST', '/device/auth', {}, 'client_id=unknown'],
      ['logout', 'GET', '/session/end?client_id=unknown', {}],
    ])('%s answers 503 with Retry-After, not 500', async (_name, method, path, given, body) => {
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': form };
      const headers = { host: new URL(auth.url).host, ...type, ...given };
      const url = `${replica.url}${new URL(issuer).pathname}${path}`;
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = request(url, { method, headers }, resolve).on('error', reject);
        sent.end(body);
      });
      answer.resume();
      expect(answer.statusCode).toBe(503);
      expect(answer.headers['retry-after']).toBe('1');
    });
  });
});
