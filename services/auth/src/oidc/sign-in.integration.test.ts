import { signerTokenSchema } from '@clearinghouse/shared';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import {
  CookieJar,
  makeAccount,
  redeem,
  refresh,
  type SignInOptions,
  signIn,
} from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { artifactKey } from './artifact-store.ts';

const REDIRECT = 'https://client.example/cb';

describe('signing in: authorization code with PKCE', () => {
  let auth: TestAuth;
  let issuer: string;
  let client: { clientId: string; redirectUri: string };
  let accountId: string;
  let jwks: ReturnType<typeof createRemoteJWKSet>;

  beforeAll(async () => {
    auth = await startTestAuth();
    ({ issuer } = auth.config);
    jwks = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    await setMetadata({ redirect_uris: [REDIRECT] });
    accountId = await makeAccount(auth, {
      email: 'ada@example.org',
      verified: true,
      displayName: 'Ada',
    });
  });
  afterAll(() => auth.stop());

  const setMetadata = (metadata: Record<string, unknown>) =>
    setClientMetadata([auth], auth.seed.publicClientId, metadata);
  const start = (changed: Partial<SignInOptions> = {}) =>
    signIn(auth, { ...client, accountId, ...changed });
  const tokens = async (changed: Partial<SignInOptions> = {}) => {
    const answer = await redeem(auth, await start(changed), client);
    expect(answer.status).toBe(200);
    return answer.body;
  };

  it('asks for login, then consent, and comes back with code, state and iss (RFC 9207)', async () => {
    const { location, prompts } = await start();
    expect(prompts).toEqual(['login', 'consent']);
    expect(`${location.origin}${location.pathname}`).toBe(REDIRECT);
    expect(location.searchParams.get('state')).toBe('state-1');
    expect(location.searchParams.get('iss')).toBe(issuer);
    expect(location.searchParams.get('code')).toMatch(/^[\w-]{43}$/);
  });

  it('gives an RS256 ID token of the app’s user, with nonce and auth_time', async () => {
    const { id_token } = await tokens({ scope: 'openid profile', params: { max_age: '100' } });
    const { payload, protectedHeader } = await jwtVerify(id_token, jwks, {
      issuer,
      audience: client.clientId,
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload.sub).toMatch(/^usr_[0-9a-f]{24}$/);
    expect(payload).toMatchObject({ nonce: 'nonce-1', auth_time: expect.any(Number) });
  });

  it('userinfo gives the claims of the scopes, and no others', async () => {
    const claims = async (scope: string) => {
      const { access_token } = await tokens({ scope });
      return (await call(`${issuer}/me`, { as: `Bearer ${access_token}` })).body;
    };
    const sub = expect.stringMatching(/^usr_/);
    expect(await claims('openid')).toEqual({ sub });
    expect(await claims('openid profile')).toEqual({
      sub,
      name: 'Ada',
      preferred_username: 'Ada',
    });
    expect(await claims('openid email')).toEqual({
      sub,
      email: 'ada@example.org',
      email_verified: true,
    });
  });

  it('the ID token holds the claims of the granted scopes, and no others', async () => {
    const own = ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'at_hash', 'sid', 'auth_time'];
    const about = (token: string) =>
      Object.fromEntries(Object.entries(decodeJwt(token)).filter(([name]) => !own.includes(name)));
    const profile = { name: 'Ada', preferred_username: 'Ada' };
    const email = { email: 'ada@example.org', email_verified: true };
    const claims = async (scope: string) => about((await tokens({ scope })).id_token);
    expect(await claims('openid')).toEqual({});
    expect(await claims('openid profile')).toEqual(profile);
    expect(await claims('openid email')).toEqual(email);
    expect(await claims('openid profile email sign:job')).toEqual({ ...profile, ...email });
    const all = await tokens({ scope: 'openid profile email' });
    const form = { scope: 'openid email' };
    const narrower = await refresh(auth, all.refresh_token, { ...client, form });
    expect(about(narrower.body.id_token)).toEqual(email);
  });

  it('a scope that was asked for and not granted has no claims in the ID token', async () => {
    const signedIn = await start({ scope: 'openid profile email' });
    await auth.deps.db`
      update auth.oidc_artifacts
      set payload = jsonb_set(payload, '{openid,scope}', '"openid profile"')
      where model = 'Grant' and grant_id = (
        select grant_id from auth.oidc_artifacts
        where model = 'AuthorizationCode' and id_hash = ${artifactKey(signedIn.code)})`;
    const { id_token } = (await redeem(auth, signedIn, client)).body;
    expect(decodeJwt(id_token)).toMatchObject({ name: 'Ada' });
    expect(decodeJwt(id_token)).not.toHaveProperty('email');
  });

  it('the same person is the same user of an app, at every sign-in and in every token', async () => {
    const first = await tokens({ scope: 'openid sign:job' });
    const second = await tokens({ scope: 'openid' });
    const me = await call(`${issuer}/me`, { as: `Bearer ${second.access_token}` });
    const { sub } = decodeJwt(first.id_token);
    expect(decodeJwt(second.id_token).sub).toBe(sub);
    expect(me.body.sub).toBe(sub);
    expect(decodeJwt(first.access_token).sub).toBe(sub);
  });

  it('pitfall 26: a token for signing is signed with ES256, and is as the contract says', async () => {
    const { access_token, scope } = await tokens({ scope: 'openid sign:job' });
    expect(scope).toBe('sign:job');
    const { payload, protectedHeader } = await jwtVerify(access_token, jwks, {
      issuer,
      audience: issuer,
      typ: 'at+jwt',
    });
    expect(protectedHeader.alg).toBe('ES256');
    const claims = signerTokenSchema.parse(payload);
    expect(claims).toMatchObject({
      client_id: auth.seed.app.id,
      azp: client.clientId,
      external_user_id: accountId,
      usage_subject: claims.sub,
      grant_id: expect.any(String),
    });
    expect(claims.exp - claims.iat).toBe(300);
    const [status] = await auth.deps.db`
      select status from identity.principal_status where kind = 'user' and id = ${claims.sub}`;
    expect(status?.status).toBe('active');
  });

  it('subject_type public: the person in ID token and userinfo, the user in tokens', async () => {
    await setMetadata({ redirect_uris: [REDIRECT], subject_type: 'public' });
    const { id_token, access_token } = await tokens({ scope: 'openid sign:job' });
    expect(decodeJwt(id_token).sub).toBe(accountId);
    expect(decodeJwt(access_token).sub).toMatch(/^usr_/);
    const plain = await tokens({ scope: 'openid' });
    const me = await call(`${issuer}/me`, { as: `Bearer ${plain.access_token}` });
    expect(me.body.sub).toBe(accountId);
    await setMetadata({ redirect_uris: [REDIRECT] });
  });

  it('ES256 ID tokens for a client that asks for them', async () => {
    await setMetadata({ redirect_uris: [REDIRECT], id_token_signed_response_alg: 'ES256' });
    const { id_token } = await tokens();
    expect(decodeProtectedHeader(id_token).alg).toBe('ES256');
    await setMetadata({ redirect_uris: [REDIRECT] });
  });

  describe('prompt, max_age and hints (OpenID Connect Core 3.1.2.1)', () => {
    it('a session signs in again without a word', async () => {
      const { jar } = await start();
      expect((await start({ jar })).prompts).toEqual([]);
      expect((await start({ jar, params: { max_age: '10000' } })).prompts).toEqual([]);
    });

    it('prompt=none without a session is login_required, with one it succeeds', async () => {
      const none = { params: { prompt: 'none' } };
      const refused = await start(none);
      expect(refused.location.searchParams.get('error')).toBe('login_required');
      const { jar } = await start();
      expect((await start({ jar, ...none })).code).not.toBe('');
    });

    it('prompt=none for a scope that was not consented to is consent_required', async () => {
      const { jar } = await start();
      const again = await start({ jar, scope: 'openid email', params: { prompt: 'none' } });
      expect(again.location.searchParams.get('error')).toMatch(/^(consent|interaction)_required$/);
    });

    it('prompt=login and prompt=consent ask again', async () => {
      const { jar } = await start();
      expect((await start({ jar, params: { prompt: 'login' } })).prompts).toContain('login');
      expect((await start({ jar, params: { prompt: 'consent' } })).prompts).toEqual(['consent']);
    });

    it('max_age=0 asks for the login again', async () => {
      const { jar } = await start();
      await auth.deps.db`
        update auth.oidc_artifacts set payload = payload || '{"loginTs":1}' where model = 'Session'`;
      expect((await start({ jar, params: { max_age: '60' } })).prompts).toEqual(['login']);
    });

    it('hints, locales, acr and unknown parameters are no errors', async () => {
      const params = {
        login_hint: 'ada@example.org',
        ui_locales: 'de en',
        claims_locales: 'de',
        acr_values: 'urn:example:gold',
        display: 'popup',
        unheard_of: '1',
      };
      expect((await start({ params })).code).not.toBe('');
    });
  });

  it('S21: the session has another id after the login than the cookie that was brought', async () => {
    const jar = new CookieJar();
    const fixed = 'attackers-own-session-id-attackers-own-sess';
    jar.keep(new Headers([['set-cookie', `ch_session=${fixed}; path=/`]]));
    await start({ jar });
    expect(jar.header).toMatch(/ch_session=/);
    expect(jar.header).not.toContain(fixed);
  });

  it('pitfall 21: whoever is suspended is nobody: no userinfo and no refresh', async () => {
    const other = await makeAccount(auth);
    const { access_token, refresh_token } = await tokens({ accountId: other });
    const me = () => call(`${issuer}/me`, { as: `Bearer ${access_token}` });
    expect((await me()).status).toBe(200);
    await auth.deps.db`update auth.accounts set status = 'suspended' where id = ${other}`;
    expect((await me()).status).toBe(401);
    const answer = await refresh(auth, refresh_token, client);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
  });

  it('a user that the app made inactive gets nothing there any more', async () => {
    const other = await makeAccount(auth);
    const { id_token, refresh_token } = await tokens({ accountId: other });
    const { sub = '' } = decodeJwt(id_token);
    await auth.deps.db`update auth.app_users set status = 'inactive' where id = ${sub}`;
    const answer = await refresh(auth, refresh_token, client);
    expect(answer.body.error).toBe('invalid_grant');
  });

  describe('the code', () => {
    it('S1: used twice is invalid_grant, and what it bought is revoked', async () => {
      const signedIn = await start();
      const first = await redeem(auth, signedIn, client);
      const second = await redeem(auth, signedIn, client);
      expect([second.status, second.body.error]).toEqual([400, 'invalid_grant']);
      const me = await call(`${issuer}/me`, { as: `Bearer ${first.body.access_token}` });
      expect(me.status).toBe(401);
      const renewed = await refresh(auth, first.body.refresh_token, client);
      expect(renewed.body.error).toBe('invalid_grant');
    });

    it('S7, pitfall 13: a wrong verifier does not use it up, but the fifth wrong try does', async () => {
      const wrong = { verifier: 'w'.repeat(43) };
      const first = await start();
      for (let tries = 0; tries < 4; tries += 1) {
        expect((await redeem(auth, { ...first, ...wrong }, client)).body.error).toBe(
          'invalid_grant',
        );
      }
      expect((await redeem(auth, first, client)).status).toBe(200);
      const second = await start();
      for (let tries = 0; tries < 5; tries += 1)
        await redeem(auth, { ...second, ...wrong }, client);
      expect((await redeem(auth, second, client)).body.error).toBe('invalid_grant');
    });

    it('S3: is good for its own redirect URI only', async () => {
      const signedIn = await start();
      const answer = await redeem(auth, signedIn, { ...client, redirectUri: 'https://e.example/' });
      expect(answer.body.error).toBe('invalid_grant');
    });
  });

  it('S13: a token for signing is not for userinfo, an opaque one not for our API', async () => {
    const signing = await tokens({ scope: 'openid sign:job' });
    const me = await call(`${issuer}/me`, { as: `Bearer ${signing.access_token}` });
    expect(me.status).toBe(401);
    const { access_token, id_token } = await tokens();
    const users = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users`;
    for (const token of [access_token, id_token, signing.access_token]) {
      expect((await call(users, { as: `Bearer ${token}` })).status).toBe(401);
    }
  });

  it('nobody but the operator’s own apps gets a token for the management API', async () => {
    const asked = await start({ params: { resource: auth.config.managementAudience } });
    expect(asked.location.searchParams.get('error')).toBe('invalid_target');
  });
});
