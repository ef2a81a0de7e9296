import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Credentials, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { makeAccount, redeem, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const CALLBACK = 'https://spa.example/cb';

describe('kinds of clients', () => {
  let auth: TestAuth;
  let clients: string;
  beforeAll(async () => {
    auth = await startTestAuth();
    clients = `${auth.url}/api/v1/apps/${auth.seed.app.id}/clients`;
  });
  afterAll(() => auth.stop());

  const create = (json: object, as: Credentials = auth.seed.machine) =>
    call(clients, { as, json: { name: 'one more', ...json } });
  const change = (id: string, json: object, as: Credentials = auth.seed.machine) =>
    call(`${clients}/${id}`, { method: 'PATCH', as, json });
  const secretOf = (id: string, as: Credentials = auth.seed.machine) =>
    call(`${clients}/${id}/secret`, { as, json: {} });
  const revoke = (id: string, as: Credentials = auth.seed.machine) =>
    call(`${clients}/${id}`, { method: 'DELETE', as });
  const machine = async (scopes: readonly string[]) => {
    const { body } = await create({ kind: 'machine', scopes });
    return { clientId: body.clientId as string, clientSecret: body.clientSecret as string };
  };
  const tokenFor = (as: Credentials, scope: string) =>
    call(`${auth.url}${TOKEN_PATH}`, { as, form: { grant_type: 'client_credentials', scope } });

  it('a public client has no secret, and people sign in with it by PKCE', async () => {
    const metadata = { redirect_uris: [CALLBACK], allowed_origins: ['https://spa.example'] };
    const { status, body } = await create({ kind: 'public', metadata });
    expect(status).toBe(201);
    expect(body).toEqual({ clientId: expect.stringMatching(/^app_[0-9a-f]{24}$/), kind: 'public' });
    const client = { clientId: body.clientId, redirectUri: CALLBACK };
    const accountId = await makeAccount(auth);
    const scope = 'openid sign:job';
    const tokens = await redeem(auth, await signIn(auth, { ...client, accountId, scope }), client);
    expect(tokens.status).toBe(200);
    expect((await secretOf(body.clientId)).status).toBe(404);
    expect((await revoke(body.clientId)).status).toBe(200);
    const form = {
      grant_type: 'refresh_token',
      refresh_token: tokens.body.refresh_token,
      client_id: body.clientId,
    };
    await expect
      .poll(async () => (await call(`${auth.url}${TOKEN_PATH}`, { form })).body.error)
      .toBe('invalid_client');
  });

  it('a machine client gets tokens of its scopes and of no other', async () => {
    const client = await machine(['users:read', 'sign:job']);
    expect(client.clientId).toMatch(/^m2m_/);
    expect((await tokenFor(client, 'users:read')).status).toBe(200);
    expect((await tokenFor(client, 'sign:job')).status).toBe(200);
    expect((await tokenFor(client, 'users:write')).body.error).toBe('invalid_scope');
    const changed = await change(client.clientId, { scopes: ['users:write'] });
    expect(changed.body).toMatchObject({ scopes: ['users:write'] });
    await expect.poll(async () => (await tokenFor(client, 'users:write')).status).toBe(200);
    expect((await tokenFor(client, 'users:read')).body.error).toBe('invalid_scope');
  });

  it('none is given away that may do more than whoever asks', async () => {
    const limited = await machine(['clients:write', 'users:read']);
    const full = auth.seed.machine.clientId;
    const made = await create({ kind: 'machine', scopes: ['users:write'] }, limited);
    expect([made.status, made.body.code]).toEqual([403, 'insufficient_scope']);
    const same = await create({ kind: 'machine', scopes: ['users:read'] }, limited);
    expect(same.status).toBe(201);
    for (const answer of [
      await secretOf(full, limited),
      await revoke(full, limited),
      await change(full, { name: 'mine' }, limited),
      await change(same.body.clientId, { scopes: ['sign:job'] }, limited),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'insufficient_scope']);
    }
    expect((await secretOf(limited.clientId, limited)).status).toBe(201);
  });

  it('no client of an app may be the operator’s', async () => {
    for (const as of [auth.seed.machine, auth.seed.admin]) {
      const { status } = await create({ kind: 'machine', scopes: ['admin'] }, as);
      expect(status).toBe(400);
    }
    expect((await create({ kind: 'admin' })).status).toBe(400);
  });

  it.each([
    ['scopes of a public client', { kind: 'public', scopes: ['users:read'] }],
    ['scopes of a web client', { kind: 'web', scopes: ['users:read'] }],
    [
      'redirect URIs of a machine',
      { kind: 'machine', metadata: { redirect_uris: ['https://a.example/cb'] } },
    ],
    ['PKCE left out by a public client', { kind: 'public', metadata: { pkce_exempt: true } }],
    [
      'keys of a public client',
      { kind: 'public', metadata: { token_endpoint_auth_method: 'client_secret_basic' } },
    ],
    [
      'a public client that keeps its refresh token',
      { kind: 'public', metadata: { rotate_refresh_token: false } },
    ],
  ])('refuses %s', async (_what, json) => {
    const { status, body } = await create(json);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.message).not.toBe('');
  });

  it('a machine that proves itself by its own key has no secret, and gets none', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'own', alg: 'ES256', use: 'sig' };
    const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const made = await create({ kind: 'machine', scopes: ['users:read'], metadata });
    expect(made.body).toEqual({ clientId: expect.any(String), kind: 'machine' });
    const { clientId } = made.body;
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'own' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(auth.config.issuer)
      .setJti(crypto.randomUUID())
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey);
    const form = {
      grant_type: 'client_credentials',
      scope: 'users:read',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    };
    expect((await call(`${auth.url}${TOKEN_PATH}`, { form })).status).toBe(200);
    expect((await secretOf(clientId)).status).toBe(409);
  });

  it('an app has so many clients and no more', async () => {
    const { deps, seed } = auth;
    await deps.db`
      insert into auth.clients (id, app_id, kind, name)
      select 'web_' || lpad(to_hex(n), 24, '0'), ${seed.app.id}, 'web', 'many'
      from generate_series(1, 200) n`;
    expect((await create({})).status).toBe(409);
    await deps.db`update auth.clients set status = 'revoked' where name = 'many'`;
    expect((await create({})).status).toBe(201);
  });
});
