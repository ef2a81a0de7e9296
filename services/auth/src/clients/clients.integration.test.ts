import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { newAdminSecret, startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const CALLBACK = 'https://shop.test/cb';

describe('clients of an app', () => {
  let auth: TestAuth;
  let clients: string;
  beforeAll(async () => {
    auth = await startTestAuth();
    clients = `${auth.url}/api/v1/apps/${auth.seed.app.id}/clients`;
  });
  afterAll(() => auth.stop());

  const as = () => auth.seed.machine;
  const change = (id: string, metadata: object, name?: string) =>
    call(`${clients}/${id}`, { method: 'PATCH', as: as(), json: { metadata, name } });
  const authorize = (clientId: string, redirectUri: string) => {
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    });
    return call(`${auth.url}/api/v1/oidc/auth?${query}`);
  };

  it('an app has a public and a machine client from the start; no secret is ever listed', async () => {
    const { body, text } = await call(clients, { as: as() });
    expect(body.clients.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'machine',
      'public',
    ]);
    expect(text).not.toContain('lp_cs_');
  });

  it('the public client logs people in once it has a redirect URI, compared exactly', async () => {
    const { id } = auth.seed.app;
    expect((await authorize(id, CALLBACK)).status).toBe(400);
    expect((await change(id, { redirect_uris: [CALLBACK] })).status).toBe(200);
    await expect.poll(async () => (await authorize(id, CALLBACK)).status).toBe(303);
    for (const other of [
      `${CALLBACK}/`,
      `${CALLBACK}?x=1`,
      'https://SHOP.test/cb2',
      'https://shop.test',
    ]) {
      expect((await authorize(id, other)).status).toBe(400);
    }
  });

  it('what is left out stays, null takes away', async () => {
    const { id } = auth.seed.app;
    await change(id, { redirect_uris: [CALLBACK], logo_uri: 'https://shop.test/logo.png' });
    const { body } = await change(id, { logo_uri: null, allowed_origins: ['https://shop.test'] });
    expect(body.metadata).toEqual({
      redirect_uris: [CALLBACK],
      allowed_origins: ['https://shop.test'],
    });
  });

  // S4, S40, S45: what may never stand in a client's metadata.
  it.each([
    ['http elsewhere', { redirect_uris: ['http://shop.test/cb'] }],
    ['a star', { redirect_uris: ['https://*.shop.test/cb'] }],
    ['a fragment', { redirect_uris: ['https://shop.test/cb#x'] }],
    ['credentials', { redirect_uris: ['https://user@shop.test/cb'] }],
    ['javascript:', { redirect_uris: ['javascript:alert(1)'] }],
    ['data:', { redirect_uris: ['data:text/html,x'] }],
    ['a trailing dot', { redirect_uris: ['https://shop.test./cb'] }],
    ['a backslash', { redirect_uris: ['https://shop.test\\\\evil.test/cb'] }],
    ['an origin with a path', { allowed_origins: ['https://shop.test/x'] }],
    ['an origin with a star', { allowed_origins: ['https://*.shop.test'] }],
    ['http for logout', { backchannel_logout_uri: 'http://10.0.0.1/logout' }],
    ['a private key', { jwks: { keys: [{ kty: 'EC', d: 'x' }] } }],
    ['an unknown member', { ch_first_party: true }],
    ['a secret', { client_secret: 'x' }],
    ['__proto__', JSON.parse('{"__proto__":{"pkce_exempt":true}}')],
  ])('refuses %s', async (_what, metadata) => {
    const answer = await change(auth.seed.app.id, metadata);
    if (answer.status === 200) expect(answer.body.metadata.pkce_exempt).toBeUndefined();
    else expect(answer.status).toBe(400);
  });

  it.each(['http://127.0.0.1:8765/cb', 'http://[::1]/cb', 'com.example.app:/oauth'])(
    'lets a native app have %s (RFC 8252)',
    async (uri) => {
      const native = { application_type: 'native', redirect_uris: [uri] };
      expect((await change(auth.seed.app.id, native)).status).toBe(200);
      await change(auth.seed.app.id, { application_type: null, redirect_uris: [CALLBACK] });
    },
  );

  it('a web client: made, shown its secret once, signs in with it, revoked for good', async () => {
    const metadata = { redirect_uris: [CALLBACK] };
    const made = await call(clients, { as: as(), json: { name: 'shop', metadata } });
    expect(made.status).toBe(201);
    const { clientId, clientSecret } = made.body;
    expect(clientId).toMatch(/^web_[0-9a-f]{24}$/);
    expect((await authorize(clientId, CALLBACK)).status).toBe(303);
    const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK };
    const redeem = (secret: string) =>
      call(`${auth.url}${TOKEN_PATH}`, { as: { clientId, clientSecret: secret }, form });
    expect((await redeem(clientSecret)).body.error).toBe('invalid_grant');
    expect((await redeem('wrong')).body.error).toBe('invalid_client');
    expect((await call(`${clients}/${clientId}`, { method: 'DELETE', as: as() })).status).toBe(200);
    await expect.poll(async () => (await redeem(clientSecret)).body.error).toBe('invalid_client');
    expect((await change(clientId, {}, 'again')).status).toBe(404);
  });

  it('the client with the app’s id stands and falls with the app; none revokes itself', async () => {
    const revoke = (id: string) => call(`${clients}/${id}`, { method: 'DELETE', as: as() });
    expect((await revoke(auth.seed.app.id)).status).toBe(404);
    expect((await revoke(auth.seed.machine.clientId)).status).toBe(409);
  });

  it('S35: the clients of another app are not there', async () => {
    const other = `${auth.url}/api/v1/apps/app_${'0'.repeat(24)}/clients`;
    expect((await call(other, { as: as() })).status).toBe(404);
  });

  it('an operator makes an app its own, and lets callers in without a credential', async () => {
    const admin = await newAdminSecret(auth);
    const app = `${auth.url}/api/v1/admin/apps/${auth.seed.app.id}`;
    const patch = (json: object, who: Parameters<typeof call>[1] = { as: admin }) =>
      call(app, { ...who, method: 'PATCH', json });
    const { body } = await patch({ isFirstParty: true, anonymousAccess: true });
    expect(body).toMatchObject({ isFirstParty: true, anonymousAccess: true });
    await expect
      .poll(async () => (await auth.deps.findClient(auth.seed.app.id))?.isFirstParty)
      .toBe(true);
    expect((await patch({ isFirstParty: false }, { as: as() })).status).toBe(403);
    expect((await patch({ status: 'suspended' })).status).toBe(400);
  });

  it('admin gateway add: an API key and the lines that a go-livepeer gateway needs', async () => {
    const run = (...args: string[]) =>
      spawnSync(
        process.execPath,
        [join(import.meta.dirname, '../admin-cli.ts'), 'gateway', ...args],
        {
          env: {
            ORIGIN: auth.url,
            DATABASE_URL: auth.database.url('auth_app'),
            KEY_ENCRYPTION_KEY: auth.config.keyEncryptionKeys[0].toString('hex'),
            API_KEY_PEPPER: pepper(),
            SIGNER_PUBLIC_URL: 'https://signer.test',
          },
          encoding: 'utf8',
        },
      );
    const pepper = () => {
      const [first] = auth.config.peppers;
      return `${first.version}:${first.key.export().toString('hex')}`;
    };
    const made = run('add', 'berlin', '--app', auth.seed.app.id);
    expect([made.stderr, made.status]).toEqual(['', 0]);
    const { lines } = JSON.parse(made.stdout);
    expect(lines[0]).toBe('LP_REMOTESIGNERURL=https://signer.test');
    const [, key] =
      /^LP_REMOTESIGNERHEADERS=Authorization:Bearer (lp_sk_live_\S+)$/.exec(lines[1]) ?? [];
    const verified = await call(`${auth.url}/api/v1/forward-auth`, { as: `Bearer ${key}` });
    expect(verified.headers.get('x-auth-app')).toBe(auth.seed.app.id);
    expect(run('add', 'x', '--app', 'app_nowhere').stderr).toContain('there is no app');
    expect(run('remove').status).toBe(1);
  });
});
