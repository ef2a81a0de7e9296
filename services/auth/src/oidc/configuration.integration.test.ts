import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { ACCESS_TOKEN, call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { makeAccount, redeem, refresh, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { artifactKey } from './artifact-store.ts';

const REDIRECT = 'https://client.example/cb';

// What the issuer is set up to do, held against what it says of itself: docs/security-tests.md.
describe('how the issuer is configured', () => {
  let auth: TestAuth;
  let issuer: string;
  let accountId: string;
  let client: { clientId: string; redirectUri: string };
  let metadata: Record<string, string[]>;

  beforeAll(async () => {
    auth = await startTestAuth();
    ({ issuer } = auth.config);
    accountId = await makeAccount(auth);
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    await setClientMetadata([auth], client.clientId, { redirect_uris: [REDIRECT] });
    metadata = (await call(`${issuer}/.well-known/openid-configuration`)).body;
  });
  afterAll(() => auth.stop());

  const ask = (grant_type: string) =>
    call(`${auth.url}${TOKEN_PATH}`, { as: auth.seed.machine, form: { grant_type } });
  const tokens = async (scope: string) =>
    (await redeem(auth, await signIn(auth, { ...client, accountId, scope }), client)).body;
  const secondsLeft = async (model: string, id: string) => {
    const [row] = await auth.deps.db<{ sec: number }[]>`
      select extract(epoch from expires_at - now())::float8 as sec from auth.oidc_artifacts
      where model = ${model} and id_hash = ${artifactKey(id)}`;
    return row?.sec ?? 0;
  };

  it('C1: every grant that is advertised is known, and no other', async () => {
    for (const grant of metadata.grant_types_supported ?? []) {
      expect((await ask(grant)).body.error, grant).not.toBe('unsupported_grant_type');
    }
    const others = ['password', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer'];
    for (const grant of [...others, 'urn:openid:params:grant-type:ciba', 'x']) {
      expect((await ask(grant)).body.error, grant).toBe('unsupported_grant_type');
    }
  });

  it('C2: every response mode that is advertised answers in its way, and no other', async () => {
    const by = (mode: string) =>
      signIn(auth, { ...client, accountId, params: { response_mode: mode } });
    expect(metadata.response_modes_supported?.sort()).toEqual(['form_post', 'fragment', 'query']);
    expect((await by('query')).location.searchParams.get('code')).toBeTruthy();
    const { hash } = (await by('fragment')).location;
    expect(new URLSearchParams(hash.slice(1)).get('code')).toBeTruthy();
    for (const mode of ['query.jwt', 'web_message', 'x']) {
      const { location } = await by(mode);
      expect([mode, location.searchParams.get('code')]).toEqual([mode, null]);
    }
  });

  it('C3: what is switched off is neither there nor advertised', async () => {
    expect((await call(`${issuer}/reg`, { json: {} })).status).toBe(404);
    expect((await call(`${issuer}/backchannel`, { form: {} })).status).toBe(404);
    expect((await call(`${issuer}/challenge`, { form: {} })).status).toBe(404);
    const said = JSON.stringify(metadata);
    for (const word of ['registration_endpoint', 'tls_client', 'ciba', 'check_session', 'HS256']) {
      expect(said, word).not.toContain(word);
    }
    expect(metadata).toMatchObject({
      claims_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
    expect(metadata).not.toHaveProperty('request_object_signing_alg_values_supported');
  });

  it('C4: codes, tokens and grants live as long as is documented', async () => {
    const signedIn = await signIn(auth, {
      ...client,
      accountId,
      scope: 'openid offline_access',
      params: { prompt: 'consent' },
    });
    const codeSec = await secondsLeft('AuthorizationCode', signedIn.code);
    expect(codeSec).toBeGreaterThan(0);
    expect(codeSec).toBeLessThanOrEqual(60);
    const { body } = await redeem(auth, signedIn, client);
    expect(body.expires_in).toBe(LIMITS.accessTokenTtlSec);
    expect(LIMITS.accessTokenTtlSec).toBeLessThanOrEqual(900);
    const { exp = 0, iat = 0 } = decodeJwt(body.id_token);
    expect(exp - iat).toBe(300);
    const first = await secondsLeft('RefreshToken', body.refresh_token);
    expect(first).toBeGreaterThan(LIMITS.refreshTokenTtlSec - 60);
    const { body: next } = await refresh(auth, body.refresh_token, client);
    expect(await secondsLeft('RefreshToken', next.refresh_token)).toBeGreaterThanOrEqual(first - 1);
    const [grant] = await auth.deps.db<{ sec: number }[]>`
      select extract(epoch from g.expires_at - now())::float8 as sec
      from auth.oidc_artifacts t join auth.oidc_artifacts g
        on g.model = 'Grant' and g.grant_id = t.grant_id
      where t.model = 'RefreshToken' and t.id_hash = ${artifactKey(next.refresh_token)}`;
    expect(grant?.sec).toBeGreaterThan(LIMITS.refreshTokenTtlSec);
    expect(grant?.sec).toBeLessThanOrEqual(LIMITS.grantTtlSec);
  });

  it('C5: ID tokens are RS256 unless the client asks, access tokens ES256; keys say what they are', async () => {
    const { keys } = (await call(`${issuer}/jwks`)).body as { keys: Record<string, string>[] };
    for (const key of keys) {
      expect(key).toMatchObject({ kid: expect.any(String), use: 'sig', alg: expect.any(String) });
      for (const half of ['d', 'p', 'q', 'k']) expect(key).not.toHaveProperty(half);
    }
    const algOf = (token: string) => decodeProtectedHeader(token).alg;
    const { id_token, access_token } = await tokens('openid sign:job');
    expect([algOf(id_token), algOf(access_token)]).toEqual(['RS256', 'ES256']);
    const es256 = { redirect_uris: [REDIRECT], id_token_signed_response_alg: 'ES256' };
    await setClientMetadata([auth], client.clientId, es256);
    expect(algOf((await tokens('openid')).id_token)).toBe('ES256');
    await setClientMetadata([auth], client.clientId, { redirect_uris: [REDIRECT] });
  });

  it('C6: a token is for userinfo or for the signer, never for both', async () => {
    const me = (token: string) => call(`${issuer}/me`, { as: `Bearer ${token}` });
    const forUserinfo = (await tokens('openid email')).access_token;
    expect((await me(forUserinfo)).status).toBe(200);
    const forSigner = (await tokens('openid sign:job')).access_token;
    expect(decodeJwt(forSigner)).toMatchObject({ aud: issuer, scope: 'sign:job' });
    expect((await me(forSigner)).status).toBe(401);
  });

  it('C7: an exchange says what it gave, and gives no refresh token', async () => {
    const { access_token } = await tokens('openid sign:job');
    const { status, body } = await call(`${auth.url}${TOKEN_PATH}`, {
      as: auth.seed.machine,
      form: {
        grant_type: EXCHANGE,
        subject_token: access_token,
        subject_token_type: ACCESS_TOKEN,
      },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      scope: 'sign:job',
    });
    expect(body).not.toHaveProperty('refresh_token');
    const given = decodeJwt(body.access_token);
    expect(given.exp).toBeLessThanOrEqual(decodeJwt(access_token).exp ?? 0);
    expect(given.act).toEqual({ sub: auth.seed.machine.clientId });
  });

  it('C8: no answer of the issuer lets a browser send credentials from another origin', async () => {
    const origin = 'https://spa.example';
    await setClientMetadata([auth], client.clientId, {
      redirect_uris: [REDIRECT],
      allowed_origins: [origin],
    });
    for (const path of ['/token', '/me', '/token/introspection', '/jwks']) {
      const { headers } = await call(`${issuer}${path}`, {
        headers: { origin },
        ...(path === '/jwks' ? {} : { form: { client_id: client.clientId } }),
      });
      expect(headers.get('access-control-allow-credentials'), path).toBeNull();
    }
    await setClientMetadata([auth], client.clientId, { redirect_uris: [REDIRECT] });
  });

  it('C9: a refusal of a grant tells one sentence, whatever was wrong', async () => {
    const { body } = await refresh(auth, 'x'.repeat(43), client);
    const { body: other } = await redeem(
      auth,
      { code: 'x'.repeat(43), verifier: 'v'.repeat(43) },
      client,
    );
    expect(body).toEqual(other);
    expect(body).toEqual({
      error: 'invalid_grant',
      error_description: 'grant request is invalid',
    });
  });
});
