import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CreatedApp, createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { type Credentials, call } from '../testing/call-auth.ts';
import { makeAccount, redeem, refresh, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://client.example/cb';

describe('what people allowed an app’s clients', () => {
  let auth: TestAuth;
  let other: CreatedApp;
  let client: { clientId: string; redirectUri: string };

  beforeAll(async () => {
    auth = await startTestAuth();
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    other = await changeIdentity(auth.deps, (tx, record) =>
      createApp({ tx, record }, { name: 'Other', actor: 'test' }),
    );
    const metadata = auth.deps.db.json({ redirect_uris: [REDIRECT] });
    await auth.deps
      .db`update auth.clients set metadata = ${metadata} where id = ${client.clientId}`;
  });
  afterAll(() => auth.stop());

  const api = (path: string, appId = auth.seed.app.id) => `${auth.url}/api/v1/apps/${appId}${path}`;
  const machine = () => auth.seed.machine;
  const list = (query = '', as: Credentials = machine()) => call(api(`/grants${query}`), { as });
  const revoke = (grantId: string, as: Credentials = machine()) =>
    call(api(`/grants/${grantId}`), { method: 'DELETE', as });
  const introspect = (token: string) =>
    call(`${auth.config.issuer}/token/introspection`, { as: machine(), form: { token } });
  const person = async (scope = 'openid offline_access') => {
    const accountId = await makeAccount(auth);
    const { body } = await redeem(
      auth,
      await signIn(auth, { ...client, accountId, scope }),
      client,
    );
    const [user] = await auth.deps.db<{ id: string; externalUserId: string }[]>`
      select id, external_user_id as "externalUserId" from auth.app_users
      where account_id = ${accountId}`;
    const { body: page } = await list(`?externalUserId=${user?.externalUserId}`);
    return { accountId, tokens: body, user, grant: page.grants[0] };
  };

  it('are listed with user, client, scopes and times, and told apart by user and client', async () => {
    const { user, grant } = await person('openid email offline_access');
    expect(grant).toMatchObject({
      clientId: client.clientId,
      userId: user?.id,
      externalUserId: user?.externalUserId,
      resources: [],
    });
    expect(grant.scopes).toEqual(expect.arrayContaining(['openid', 'email']));
    expect(Date.parse(grant.expiresAt)).toBeGreaterThan(Date.parse(grant.grantedAt));
    const none = await list(`?clientId=${auth.seed.machine.clientId}`);
    expect(none.body).toEqual({ grants: [], next: null });
  });

  it('a list is read to its end by its pages, while grants come and go', async () => {
    for (let index = 0; index < 4; index += 1) await person();
    const all = (await list()).body.grants.map((grant: { id: string }) => grant.id);
    const first = (await list('?limit=2')).body;
    await revoke(first.grants[1].id);
    const rest = (await list(`?limit=100&after=${first.next.after}`)).body;
    expect([...first.grants, ...rest.grants].map((grant: { id: string }) => grant.id)).toEqual(all);
    expect(rest.next).toBeNull();
    expect((await list('?limit=100000')).status).toBe(400);
  });

  it('taken back, its tokens are worth nothing at the next request, and the log says who and why', async () => {
    const { tokens, grant } = await person();
    expect((await introspect(tokens.access_token)).body.active).toBe(true);
    expect((await revoke(grant.id)).body).toEqual({ success: true });
    expect((await introspect(tokens.access_token)).body).toEqual({ active: false });
    expect((await refresh(auth, tokens.refresh_token, client)).body.error).toBe('invalid_grant');
    expect((await revoke(grant.id)).status).toBe(404);
    const [entry] = await auth.deps.db`
      select actor, reason, request_id from auth.audit_log
      where action = 'grant.revoked' and target = ${grant.id}`;
    expect(entry).toMatchObject({ actor: machine().clientId, reason: 'revoked by API' });
    expect(entry?.request_id).toBeTruthy();
  });

  it('all of one user are taken back at once, and nobody else’s', async () => {
    const [one, two] = [await person(), await person()];
    const json = { externalUserId: one.user?.externalUserId, reason: 'device lost' };
    const answer = await call(api('/grants/revoke-all'), { as: machine(), json });
    expect(answer.body).toEqual({ revoked: 1 });
    expect((await introspect(one.tokens.access_token)).body.active).toBe(false);
    expect((await introspect(two.tokens.access_token)).body.active).toBe(true);
  });

  it('are another app’s business: neither seen nor taken back', async () => {
    const { grant, tokens } = await person();
    const { clientId, clientSecret } = other.machine;
    const as = { clientId, clientSecret };
    expect((await list('', as)).status).toBe(404);
    expect((await revoke(grant.id, as)).status).toBe(404);
    const theirs = await call(api(`/grants/${grant.id}`, other.app.id), { method: 'DELETE', as });
    expect(theirs.status).toBe(404);
    expect((await introspect(tokens.access_token)).body.active).toBe(true);
  });

  it('the operator sees and takes back those of any app', async () => {
    const { grant, tokens } = await person();
    const admin = `${auth.url}/api/v1/admin/apps/${auth.seed.app.id}/grants`;
    const { body } = await call(admin, { as: auth.seed.admin });
    expect(body.grants.map(({ id }: { id: string }) => id)).toContain(grant.id);
    const ended = await call(`${admin}/${grant.id}`, { method: 'DELETE', as: auth.seed.admin });
    expect(ended.status).toBe(200);
    expect((await introspect(tokens.access_token)).body.active).toBe(false);
  });

  it.each([
    ['deactivated', 'PUT', { status: 'inactive' }],
    ['deactivated by an upsert', 'POST', { status: 'inactive' }],
  ] as const)('a user who is %s has no good token left', async (_how, method, change) => {
    const { user, tokens } = await person();
    const json = { externalUserId: user?.externalUserId, ...change };
    expect((await call(api('/users'), { method, as: machine(), json })).status).toBe(200);
    expect((await introspect(tokens.access_token)).body.active).toBe(false);
    expect((await refresh(auth, tokens.refresh_token, client)).status).toBe(400);
  });

  it('a token that was written while its user was deactivated is not good either', async () => {
    const { user, tokens } = await person();
    await auth.deps.db`
      update auth.app_users set status = 'inactive' where id = ${user?.id ?? ''}`;
    expect((await introspect(tokens.access_token)).body.active).toBe(false);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await call(`${auth.config.issuer}/me`, { headers })).status).toBe(401);
    await auth.deps.db`update auth.app_users set status = 'active' where id = ${user?.id ?? ''}`;
    expect((await introspect(tokens.access_token)).body.active).toBe(true);
  });

  it.each([
    ['deleted', 'DELETE', (id: string) => `/users?externalUserId=${id}`],
    ['signed out by the app', 'POST', (id: string) => `/users/${id}/end-sessions`],
  ] as const)('a user who is %s has no grant left', async (_how, method, path) => {
    const { user, tokens, grant } = await person();
    const answer = await call(api(path(user?.externalUserId ?? '')), { method, as: machine() });
    expect(answer.status).toBe(200);
    expect((await introspect(tokens.access_token)).body.active).toBe(false);
    expect((await refresh(auth, tokens.refresh_token, client)).status).toBe(400);
    const { body } = await list();
    expect(body.grants.map(({ id }: { id: string }) => id)).not.toContain(grant.id);
  });
});
