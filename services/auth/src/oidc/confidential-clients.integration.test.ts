import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { makeAccount, redeem, refresh, type SignInOptions, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://server.example/cb';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe('confidential clients', () => {
  let auth: TestAuth;
  let second: TestReplica;
  let accountId: string;
  let web: { clientId: string; clientSecret: string; redirectUri: string };

  beforeAll(async () => {
    auth = await startTestAuth();
    second = await auth.startReplica();
    accountId = await makeAccount(auth);
    web = { ...(await makeWebClient()), redirectUri: REDIRECT };
  });
  afterAll(() => auth.stop());

  /** A client for a server that signs people in, as an administrator makes one. */
  async function makeWebClient(metadata: Record<string, unknown> = {}) {
    const { db } = auth.deps;
    const clientId = `web_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    const clientSecret = mintSecret('lp_cs_');
    const all = { redirect_uris: [REDIRECT], ...metadata };
    await db`
      insert into auth.clients (id, app_id, kind, name, metadata)
      values (${clientId}, ${auth.seed.app.id}, 'web', 'Server', ${db.json(all as never)})`;
    await db`
      insert into auth.client_secrets (client_id, slot, secret_sha256)
      values (${clientId}, 1, ${hashSecret(clientSecret)})`;
    return { clientId, clientSecret };
  }
  const start = (changed: Partial<SignInOptions> = {}) =>
    signIn(auth, { ...web, accountId, ...changed });

  describe('web clients', () => {
    it('sign people in with PKCE and a secret', async () => {
      const signedIn = await start({ scope: 'openid email' });
      expect((await redeem(auth, signedIn, { ...web, clientSecret: 'wrong' })).status).toBe(401);
      expect((await redeem(auth, signedIn, web)).status).toBe(200);
    });

    it('pitfall 19: PKCE is required unless the client is exempt from it', async () => {
      const without = { code_challenge: undefined, code_challenge_method: undefined };
      const refused = await start({ params: without });
      expect(refused.location.searchParams.get('error')).toBe('invalid_request');
      const exempt = { ...(await makeWebClient({ pkce_exempt: true })), redirectUri: REDIRECT };
      const signedIn = await signIn(auth, { ...exempt, accountId, params: without });
      const form = {
        grant_type: 'authorization_code',
        code: signedIn.code,
        redirect_uri: REDIRECT,
      };
      const answer = await call(`${auth.url}${TOKEN_PATH}`, { as: exempt, form });
      expect(answer.status).toBe(200);
      // S8: a challenge at the start needs its verifier at the end, exempt or not.
      const proven = await signIn(auth, { ...exempt, accountId });
      const downgraded = await call(`${auth.url}${TOKEN_PATH}`, {
        as: exempt,
        form: { ...form, code: proven.code },
      });
      expect(downgraded.body.error).toBe('invalid_grant');
    });

    it('S3: the code of one client is nothing to another', async () => {
      const other = { ...(await makeWebClient()), redirectUri: REDIRECT };
      const answer = await redeem(auth, await start(), other);
      expect(answer.body.error).toBe('invalid_grant');
    });

    it('S15: a refresh token in the hands of another client ends the family', async () => {
      const params = { prompt: 'consent' };
      const signedIn = await start({ scope: 'openid offline_access', params });
      const { refresh_token } = (await redeem(auth, signedIn, web)).body;
      const other = { ...(await makeWebClient()), redirectUri: REDIRECT };
      expect((await refresh(auth, refresh_token, other)).body.error).toBe('invalid_grant');
      expect((await refresh(auth, refresh_token, web)).body.error).toBe('invalid_grant');
    });

    it('refresh tokens rotate, unless the client opts out', async () => {
      const steady = {
        ...(await makeWebClient({ rotate_refresh_token: false })),
        redirectUri: REDIRECT,
      };
      const params = { prompt: 'consent' };
      const signedIn = await signIn(auth, {
        ...steady,
        accountId,
        scope: 'openid offline_access',
        params,
      });
      const { refresh_token } = (await redeem(auth, signedIn, steady)).body;
      for (let round = 0; round < 3; round += 1) {
        const answer = await refresh(auth, refresh_token, steady);
        expect([answer.status, answer.body.refresh_token]).toEqual([200, refresh_token]);
      }
    });

    it('pitfall 22: a change of the metadata holds at the next request', async () => {
      const changing = { ...(await makeWebClient()), redirectUri: 'https://new.example/cb' };
      await expect(signIn(auth, { ...changing, accountId })).resolves.toMatchObject({ code: '' });
      const metadata = auth.deps.db.json({ redirect_uris: [changing.redirectUri] });
      await auth.deps.db`
        update auth.clients set metadata = ${metadata} where id = ${changing.clientId}`;
      await expect
        .poll(async () => (await signIn(auth, { ...changing, accountId })).code)
        .not.toBe('');
    });
  });

  describe('pushed authorization requests (RFC 9126)', () => {
    const push = (as: { clientId: string; clientSecret: string }, form: Record<string, string>) =>
      call(`${auth.config.issuer}/request`, {
        as,
        form: {
          response_type: 'code',
          scope: 'openid',
          redirect_uri: REDIRECT,
          client_id: as.clientId,
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
          ...form,
        },
      });
    const use = (request_uri: string, clientId: string) =>
      call(
        `${auth.config.issuer}/auth?${new URLSearchParams({ request_uri, client_id: clientId })}`,
      );

    it('gives a request_uri that the same client uses once', async () => {
      const pushed = await push(web, {});
      expect(pushed.status).toBe(201);
      const { request_uri } = pushed.body;
      expect((await use(request_uri, web.clientId)).headers.get('location')).toContain(
        '/interaction/',
      );
    });

    it('S39: another client cannot use it', async () => {
      const { request_uri } = (await push(web, {})).body;
      const answer = await use(request_uri, auth.seed.publicClientId);
      expect(answer.headers.get('location') ?? '').not.toContain('/interaction/');
    });

    it('refuses a bad redirect URI at once, and whoever has not proven to be the client', async () => {
      expect((await push(web, { redirect_uri: 'https://evil.example/' })).status).toBe(400);
      expect((await push({ ...web, clientSecret: 'wrong' }, {})).status).toBe(401);
    });
  });

  describe('private_key_jwt (RFC 7523)', () => {
    let key: CryptoKey;
    let jwk: JWK;
    let keys: Server;
    let client: { clientId: string };

    beforeAll(async () => {
      const pair = await generateKeyPair('ES256', { extractable: true });
      key = pair.privateKey;
      jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
      keys = createServer((_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ keys: [jwk] }));
      });
      await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
      client = await makeWebClient({
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
      });
    });
    afterAll(() => new Promise<void>((resolve) => keys.close(() => resolve())));

    type Assertion = {
      iss?: string;
      sub?: string;
      aud?: string;
      jti?: string;
      exp?: string;
      iat?: string;
    };
    const assertion = (clientId: string, changed: Assertion = {}, by = key) =>
      new SignJWT({ jti: changed.jti ?? randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(changed.iss ?? clientId)
        .setSubject(changed.sub ?? clientId)
        .setAudience(changed.aud ?? auth.config.issuer)
        .setIssuedAt(changed.iat ?? '0s from now')
        .setNotBefore(changed.iat ?? '0s from now')
        .setExpirationTime(changed.exp ?? '1m')
        .sign(by);
    // Introspection needs no grant: it tells whether the client was believed.
    const prove = (client_assertion: string, replica: TestReplica = auth) =>
      call(`${replica.url}/api/v1/oidc/token/introspection`, {
        form: { token: 'x', client_assertion, client_assertion_type: ASSERTION },
      });

    it('a client proves itself by its key', async () => {
      expect((await prove(await assertion(client.clientId))).status).toBe(200);
    });

    it('by keys at its jwks_uri too', async () => {
      const { port } = keys.address() as AddressInfo;
      const remote = await makeWebClient({
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: `http://127.0.0.1:${port}/keys`,
      });
      expect((await prove(await assertion(remote.clientId))).status).toBe(200);
    });

    it('S45: a jwks_uri at a private address is not asked, and the client not believed', async () => {
      const inside = await makeWebClient({
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://169.254.169.254/keys',
      });
      expect((await prove(await assertion(inside.clientId))).status).toBe(401);
    });

    it('S33: an assertion is used once, over both replicas', async () => {
      const once = await assertion(client.clientId);
      const answers = await Promise.all([prove(once), prove(once, second), prove(once)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    });

    it.each<[string, Assertion]>([
      ['another audience', { aud: 'https://elsewhere.example' }],
      ['another issuer', { iss: 'web_somebody' }],
      ['an end that is past', { exp: '1 minute ago' }],
    ])('S33: one with %s is refused', async (_name, changed) => {
      const answer = await prove(await assertion(client.clientId, changed));
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    });

    it('pitfall 29: a clock that goes a little before ours is forgiven, a minute is not', async () => {
      const ahead = async (iat: string) =>
        (await prove(await assertion(client.clientId, { iat, exp: '3 minutes' }))).status;
      expect(await ahead(`${LIMITS.clockToleranceSec - 2} seconds from now`)).toBe(200);
      expect(await ahead('1 minute from now')).toBe(401);
    });

    it('S33: another key is refused, and a secret in its place', async () => {
      const { privateKey } = await generateKeyPair('ES256');
      const forged = await assertion(client.clientId, {}, privateKey);
      expect((await prove(forged)).status).toBe(401);
      const as = { clientId: client.clientId, clientSecret: 'anything' };
      const basic = await call(`${auth.config.issuer}/token/introspection`, {
        as,
        form: { token: 'x' },
      });
      expect(basic.status).toBe(401);
    });
  });
});
