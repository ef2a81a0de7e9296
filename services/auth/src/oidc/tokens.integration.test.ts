import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CreatedApp, createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { type Credentials, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { makeAccount, redeem, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://client.example/cb';

describe('introspection and revocation (RFC 7662, RFC 7009)', () => {
  let auth: TestAuth;
  let other: CreatedApp;
  let accountId: string;
  let publicClient: { clientId: string; redirectUri: string };

  beforeAll(async () => {
    auth = await startTestAuth();
    other = await changeIdentity(auth.deps, (tx, record) =>
      createApp({ tx, record }, { name: 'Other', actor: 'test' }),
    );
    publicClient = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    const metadata = auth.deps.db.json({ redirect_uris: [REDIRECT] });
    await auth.deps.db`
      update auth.clients set metadata = ${metadata} where id = ${publicClient.clientId}`;
    accountId = await makeAccount(auth);
  });
  afterAll(() => auth.stop());

  const post = (path: string, as: Credentials | undefined, form: Record<string, string>) =>
    call(`${auth.config.issuer}/token/${path}`, { as, form });
  const introspect = (token: string, as: Credentials = auth.seed.machine) =>
    post('introspection', as, { token });
  const revoke = (token: string, as: Credentials = auth.seed.machine) =>
    post('revocation', as, { token });
  const machineToken = async (scope: string) => {
    const form = { grant_type: 'client_credentials', scope };
    const { body } = await call(`${auth.url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
    return body.access_token as string;
  };
  const personTokens = async (scope: string) =>
    (await redeem(auth, await signIn(auth, { ...publicClient, accountId, scope }), publicClient))
      .body;

  it('pitfall 5: a JWT of the app is introspected as any token is', async () => {
    const token = await machineToken('sign:job');
    const { sub, jti, exp, aud } = decodeJwt(token);
    const answer = await introspect(token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({
      active: true,
      token_type: 'Bearer',
      scope: 'sign:job',
      client_id: auth.seed.app.id,
      iss: auth.config.issuer,
      sub,
      jti,
      exp,
      aud,
    });
  });

  it('a management token and a person’s signer token too', async () => {
    expect((await introspect(await machineToken('users:read'))).body).toMatchObject({
      active: true,
      aud: auth.config.managementAudience,
      scope: 'users:read',
    });
    const { access_token } = await personTokens('openid sign:job');
    expect((await introspect(access_token)).body).toMatchObject({
      active: true,
      external_user_id: accountId,
    });
  });

  it('opaque tokens of the app’s people, with the app’s own subject', async () => {
    const { access_token, refresh_token, id_token } = await personTokens('openid');
    const { sub } = decodeJwt(id_token);
    expect((await introspect(access_token)).body).toMatchObject({ active: true, sub });
    expect((await introspect(refresh_token)).body).toMatchObject({ active: true, sub });
  });

  it.each(['sign:job', 'users:read'])(
    'S19, pitfall 17: another app is told nothing of %s',
    async (scope) => {
      const token = await machineToken(scope);
      expect((await introspect(token, other.machine)).body).toEqual({ active: false });
      const { access_token, refresh_token } = await personTokens('openid');
      for (const opaque of [access_token, refresh_token]) {
        expect((await introspect(opaque, other.machine)).body).toEqual({ active: false });
      }
    },
  );

  it('S19: a public client is told nothing, nobody gets in without a secret', async () => {
    const token = await machineToken('sign:job');
    const form = { token, client_id: publicClient.clientId };
    const asPublic = await call(`${auth.config.issuer}/token/introspection`, { form });
    expect(asPublic.body).toEqual({ active: false });
    const wrong = await introspect(token, { ...auth.seed.machine, clientSecret: 'wrong' });
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
  });

  it.each([
    ['a forged signature', (token: string) => `${token.slice(0, -4)}AAAA`],
    ['alg none', (token: string) => `${none()}.${token.split('.')[1]}.`],
    ['no token at all', () => 'eyJhbGciOiJFUzI1NiJ9.e30.x'],
    ['an unknown opaque one', () => 'x'.repeat(43)],
  ])('S11: %s is not active', async (_name, change) => {
    const token = change(await machineToken('sign:job'));
    expect((await introspect(token)).body).toEqual({ active: false });
  });
  const none = () => Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');

  it('pitfall 5: a revoked JWT is not active, and billing reads its id', async () => {
    const token = await machineToken('sign:job');
    expect((await revoke(token)).status).toBe(200);
    expect((await introspect(token)).body).toEqual({ active: false });
    const [row] = await auth.deps.db`
      select status, app_id from identity.principal_status
      where kind = 'jti' and id = ${decodeJwt(token).jti ?? ''}`;
    expect(row).toEqual({ status: 'revoked', app_id: auth.seed.app.id });
  });

  it('a revoked management token is refused by our own API', async () => {
    const token = await machineToken('users:read');
    const users = () =>
      call(`${auth.url}/api/v1/apps/${auth.seed.app.id}/users`, { as: `Bearer ${token}` });
    expect((await users()).status).toBe(200);
    await revoke(token);
    expect((await users()).status).toBe(401);
  });

  it('S18: another client’s token is refused and stays good', async () => {
    const token = await machineToken('sign:job');
    const answer = await revoke(token, other.machine);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    expect((await introspect(token)).body.active).toBe(true);
  });

  it('RFC 7009, 2.2: what is no token is revoked already', async () => {
    expect((await revoke('eyJhbGciOiJFUzI1NiJ9.e30.x')).status).toBe(200);
    expect((await revoke('unknown')).status).toBe(200);
  });

  it('a public client revokes its own refresh token, and the family with it', async () => {
    const { access_token, refresh_token } = await personTokens('openid');
    const form = { token: refresh_token, client_id: publicClient.clientId };
    expect((await post('revocation', undefined, form)).status).toBe(200);
    expect((await introspect(access_token)).body).toEqual({ active: false });
  });
});
