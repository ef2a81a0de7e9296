import { signerTokenSchema } from '@clearinghouse/shared';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MACHINE_SCOPES } from '../clients/client.ts';
import { rotateClientSecret } from '../clients/rotate-client-secret.ts';
import { basic, type Credentials, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('the token endpoint: client_credentials', () => {
  let auth: TestAuth;
  let issuer: string;
  let management: string;
  let jwks: ReturnType<typeof createRemoteJWKSet>;

  beforeAll(async () => {
    auth = await startTestAuth();
    ({ issuer, managementAudience: management } = auth.config);
    jwks = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  });
  beforeEach(() => auth.billing.setMode('answer'));
  afterAll(() => auth.stop());

  const grant = (as: Credentials | string, form: Record<string, string>) =>
    call(`${auth.url}${TOKEN_PATH}`, {
      as,
      form: { grant_type: 'client_credentials', ...form },
    });
  const machine = () => auth.seed.machine;

  it('sign:job gives a signer token of the app, as the contract says', async () => {
    const answer = await grant(machine(), { scope: 'sign:job' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'sign:job' });
    const { payload } = await jwtVerify(answer.body.access_token, jwks, {
      issuer,
      audience: issuer,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    });
    expect(signerTokenSchema.parse(payload)).toMatchObject({
      client_id: auth.seed.app.id,
      azp: machine().clientId,
      sub: machine().clientId,
      usage_subject: 'app',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });

  it('management scopes give a token for the management audience', async () => {
    const answer = await grant(machine(), { scope: 'users:read usage:read' });
    expect(answer.body.scope).toBe('users:read usage:read');
    const verified = await jwtVerify(answer.body.access_token, jwks, { audience: management });
    expect(verified.payload).toMatchObject({ client_id: machine().clientId });
    await expect(jwtVerify(answer.body.access_token, jwks, { audience: issuer })).rejects.toThrow();
  });

  it('the administrator gets scope admin, an app never does', async () => {
    expect((await grant(auth.seed.admin, { scope: 'admin' })).body.scope).toBe('admin');
    const refused = await grant(machine(), { scope: 'admin' });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope']);
  });

  it('the administrator signs nothing', async () => {
    expect((await grant(auth.seed.admin, { scope: 'sign:job' })).body.error).toBe('invalid_scope');
  });

  it.each([
    ['no scope', {}, 'invalid_scope'],
    ['an unknown scope, which is never dropped', { scope: 'sign:job inference' }, 'invalid_scope'],
    ['an OpenID scope', { scope: 'openid' }, 'invalid_scope'],
    ['two audiences', { scope: 'sign:job users:read' }, 'invalid_scope'],
    ['another resource', { scope: 'sign:job', resource: 'https://x.example' }, 'invalid_target'],
    ['another audience', { scope: 'users:read', audience: 'https://x.example' }, 'invalid_target'],
    [
      'a user without the scope',
      { scope: 'sign:job', external_user_id: 'alice' },
      'invalid_request',
    ],
    ['no user', { scope: 'sign:mint_user_token' }, 'invalid_request'],
    [
      'a user id that is none',
      { scope: 'sign:mint_user_token', external_user_id: 'a@b.c' },
      'invalid_request',
    ],
    ['control characters', { scope: 'sign:job\u0000' }, 'invalid_scope'],
  ])('refuses %s', async (_name, form, error) => {
    const answer = await grant(machine(), form as Record<string, string>);
    expect([answer.status, answer.body.error]).toEqual([400, error]);
  });

  it('names its own audience if asked to: issuer for signing, API for management', async () => {
    expect((await grant(machine(), { scope: 'sign:job', audience: issuer })).status).toBe(200);
    expect((await grant(machine(), { scope: 'users:read', resource: management })).status).toBe(
      200,
    );
    const crossed = await grant(machine(), { scope: 'users:read', audience: issuer });
    expect(crossed.body.error).toBe('invalid_target');
  });

  describe('sign:mint_user_token', () => {
    const mint = (user: string) =>
      grant(machine(), {
        scope: 'sign:mint_user_token',
        external_user_id: user,
        audience: issuer,
      });

    it('gives a signer token of the user with the balance', async () => {
      const answer = await mint('alice');
      expect(answer.body).toMatchObject({
        scope: 'sign:job',
        balanceUsdMicros: '5000000',
        lifetimeGrantedUsdMicros: '5000000',
      });
      const { payload } = await jwtVerify(answer.body.access_token, jwks, { audience: issuer });
      const user = auth.seed.users.find(({ externalUserId }) => externalUserId === 'alice');
      expect(signerTokenSchema.parse(payload)).toMatchObject({
        sub: user?.id,
        usage_subject: user?.id,
        external_user_id: 'alice',
        client_id: auth.seed.app.id,
      });
    });

    it('provisions a user it has not seen, once', async () => {
      const [one, two] = await Promise.all([mint('new-user'), mint('new-user')]);
      expect([one?.status, two?.status]).toEqual([200, 200]);
      const rows = await auth.deps.db`
        select id from auth.app_users where external_user_id = 'new-user'`;
      expect(rows).toHaveLength(1);
    });

    it.each(['fail', 'hang'] as const)('gives no token when billing does %s: 402', async (mode) => {
      auth.billing.setMode(mode);
      const answer = await mint('alice');
      expect([answer.status, answer.body]).toEqual([
        402,
        expect.objectContaining({ error: 'billing_unavailable', reason: 'billing_unavailable' }),
      ]);
    });

    it('refuses an inactive user', async () => {
      const url = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users`;
      const json = { externalUserId: 'sleeper', status: 'inactive' };
      await call(url, { as: machine(), json });
      expect((await mint('sleeper')).body).toEqual({
        error: 'invalid_grant',
        error_description: 'grant request is invalid',
      });
    });
  });

  describe('client authentication', () => {
    const scope = 'sign:job';

    it('ADR 0003, pitfall 12: a wrong secret is 401 invalid_client without a Basic challenge', async () => {
      const answer = await grant({ ...machine(), clientSecret: 'wrong' }, { scope });
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
      expect(answer.headers.get('www-authenticate')).toBeNull();
    });

    it('S29: an unknown client is told the same as a wrong secret', async () => {
      const unknown = { clientId: `m2m_${'0'.repeat(24)}`, clientSecret: 'wrong' };
      const [one, two] = await Promise.all([
        grant(unknown, { scope }),
        grant({ ...machine(), clientSecret: 'wrong' }, { scope }),
      ]);
      expect([one?.status, one?.text]).toEqual([two?.status, two?.text]);
    });

    it('pitfalls 10, 11: takes Basic that is form-encoded or not, and a secret in the body', async () => {
      const { clientId, clientSecret } = machine();
      const encoded = { clientId: clientId.replace('_', '%5F'), clientSecret };
      expect((await grant(basic(encoded), { scope })).status).toBe(200);
      const form = {
        grant_type: 'client_credentials',
        scope,
        client_id: clientId,
        client_secret: clientSecret,
      };
      expect((await call(`${auth.url}${TOKEN_PATH}`, { form })).status).toBe(200);
    });

    it('refuses two mechanisms at once', async () => {
      const answer = await grant(machine(), { scope, client_secret: machine().clientSecret });
      expect(answer.body.error).toBe('invalid_request');
    });

    it('a public client gets nothing by its id', async () => {
      const form = { grant_type: 'client_credentials', scope, client_id: auth.seed.app.id };
      const answer = await call(`${auth.url}${TOKEN_PATH}`, { form });
      expect(answer.status).toBe(400);
    });

    it('two secrets are valid while one is rotated, and the older can be ended', async () => {
      const { deps, seed } = auth;
      const { clientId } = seed.machine;
      const rotate = (overlapSec: number) =>
        rotateClientSecret(deps, {
          appId: seed.app.id,
          clientId,
          overlapSec,
          mayGive: MACHINE_SCOPES,
          actor: 'test',
        });
      const second = await rotate(3600);
      if (!second.ok) throw new Error(second.code);
      expect((await grant(machine(), { scope })).status).toBe(200);
      expect((await grant({ clientId, ...second.value }, { scope })).status).toBe(200);
      const third = await rotate(0);
      if (!third.ok) throw new Error(third.code);
      expect((await grant(machine(), { scope })).status).toBe(401);
      expect((await grant({ clientId, ...second.value }, { scope })).status).toBe(401);
      expect((await grant({ clientId, ...third.value }, { scope })).status).toBe(200);
      Object.assign(seed.machine, third.value);
    });
  });

  it('S6: refuses a repeated parameter', async () => {
    const answer = await call(`${auth.url}${TOKEN_PATH}`, {
      as: machine(),
      form: [
        ['grant_type', 'client_credentials'],
        ['scope', 'sign:job'],
        ['scope', 'users:read'],
      ],
    });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('S9: knows no implicit, hybrid or unknown grant, and does not advertise any', async () => {
    const answer = await grant(machine(), { grant_type: 'implicit', scope: 'sign:job' });
    expect(answer.body.error).toBe('unsupported_grant_type');
    const discovery = await call(`${issuer}/.well-known/openid-configuration`);
    expect(discovery.body.response_types_supported).toEqual(['code']);
    expect(discovery.body.grant_types_supported).not.toContain('implicit');
  });

  it('S41: publishes public halves only, with kid, use and alg', async () => {
    const { body } = await call(`${issuer}/jwks`);
    const minted = await grant(machine(), { scope: 'sign:job' });
    const { kid } = decodeProtectedHeader(minted.body.access_token);
    expect(body.keys.map((key: { kid: string }) => key.kid)).toContain(kid);
    for (const key of body.keys) {
      expect(key).toMatchObject({ use: 'sig', alg: expect.stringMatching(/^(ES|RS)256$/) });
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'])
        expect(key).not.toHaveProperty(secret);
    }
  });

  it('serves metadata with validators and answers 304', async () => {
    for (const path of ['/jwks', '/.well-known/openid-configuration']) {
      const first = await call(`${issuer}${path}`);
      expect(first.headers.get('cache-control')).toContain('max-age=');
      const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
      expect((await call(`${issuer}${path}`, { headers })).status).toBe(304);
    }
  });
});
