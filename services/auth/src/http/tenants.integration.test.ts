import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CreatedApp, createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { type Credentials, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('S35: tenants', () => {
  let auth: TestAuth;
  let other: CreatedApp;
  let otherKeyId: string;

  beforeAll(async () => {
    auth = await startTestAuth();
    other = await changeIdentity(auth.deps, (tx, record) =>
      createApp({ tx, record }, { name: 'Other', actor: 'test' }),
    );
    const users = `${auth.url}/api/v1/apps/${other.app.id}/users`;
    await call(users, { as: other.machine, json: { externalUserId: 'carol' } });
    const keys = `${auth.url}/api/v1/apps/${other.app.id}/keys`;
    otherKeyId = (await call(keys, { as: other.machine, json: {} })).body.id;
  });
  afterAll(() => auth.stop());

  const token = async (as: Credentials, scope: string) => {
    const form = { grant_type: 'client_credentials', scope };
    return `Bearer ${(await call(`${auth.url}${TOKEN_PATH}`, { as, form })).body.access_token}`;
  };

  const routes: [string, string, unknown?][] = [
    ['GET', '/users'],
    ['POST', '/users', { externalUserId: 'mallory' }],
    ['PUT', '/users', { externalUserId: 'carol', status: 'inactive' }],
    ['DELETE', '/users?externalUserId=carol'],
    ['POST', '/users/carol/token', {}],
    ['GET', '/keys'],
    ['POST', '/keys', {}],
    ['DELETE', '/keys/KEY'],
    ['POST', '/tokens/revoke', { token: 'x' }],
    ['GET', '/signer/routing'],
    ['GET', '/usage'],
    ['GET', '/usage/balance'],
  ];
  const at = (app: string, path: string) =>
    `${auth.url}/api/v1/apps/${app}${path.replace('KEY', otherKeyId)}`;

  it.each(routes)(
    "%s %s of another app is 404, as one that isn't there",
    async (method, path, json) => {
      const { machine } = auth.seed;
      const options = { method, as: machine, ...(json === undefined ? {} : { json }) };
      const foreign = await call(at(other.app.id, path), options);
      const nowhere = await call(at(`app_${'0'.repeat(24)}`, path), options);
      for (const answer of [foreign, nowhere]) {
        expect([answer.status, answer.body.error]).toEqual([404, 'not_found']);
      }
      const byToken = await call(at(other.app.id, path), {
        ...options,
        as: await token(machine, 'users:read users:write users:token usage:read keys:write'),
      });
      expect(byToken.status).toBe(404);
    },
  );

  it("another app's key cannot be revoked under one's own path", async () => {
    const { app, machine } = auth.seed;
    const answer = await call(at(app.id, '/keys/KEY'), { method: 'DELETE', as: machine });
    expect(answer.status).toBe(404);
  });

  it('nothing of the other app was changed by all this', async () => {
    const { body } = await call(at(other.app.id, '/users'), { as: other.machine });
    expect(body.users).toHaveLength(1);
    expect(body.users[0]).toMatchObject({ externalUserId: 'carol', status: 'active' });
    const keys = await call(at(other.app.id, '/keys'), { as: other.machine });
    expect(keys.body.keys).toMatchObject([{ id: otherKeyId, revokedAt: null }]);
  });

  it.each([
    ['GET', '/users', 'users:write'],
    ['POST', '/users', 'users:read'],
    ['POST', '/users/alice/token', 'users:write'],
    ['POST', '/keys', 'users:write'],
    ['GET', '/usage', 'users:read'],
  ])('%s %s with a token for %s only is 403', async (method, path, scope) => {
    const as = await token(auth.seed.machine, scope);
    const answer = await call(at(auth.seed.app.id, path), {
      method,
      as,
      ...(method === 'POST' ? { json: { externalUserId: 'x' } } : {}),
    });
    expect([answer.status, answer.body.error]).toEqual([403, 'insufficient_scope']);
  });

  it('S13: signer and user tokens are refused at the management API', async () => {
    const { app, machine } = auth.seed;
    const user = await call(at(app.id, '/users/alice/token'), { as: machine, json: {} });
    for (const as of [await token(machine, 'sign:job'), `Bearer ${user.body.access_token}`]) {
      const answer = await call(at(app.id, '/users'), { as });
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_token']);
      expect((await call(`${auth.url}/api/v1/admin/apps`, { as })).status).toBe(401);
    }
  });

  it("S13: a management token or the app's own signer token is no user's", async () => {
    const { machine } = auth.seed;
    const management = await token(machine, 'usage:read');
    const url = `${auth.url}/api/v1/user/usage`;
    expect((await call(url, { as: management })).status).toBe(401);
    expect((await call(url, { as: await token(machine, 'sign:job') })).status).toBe(403);
  });

  it('the operator may look into every app, and into none that is not there', async () => {
    const as = await token(auth.seed.admin, 'admin');
    expect((await call(at(other.app.id, '/users'), { as })).status).toBe(200);
    expect((await call(at(`app_${'0'.repeat(24)}`, '/users'), { as })).status).toBe(404);
  });

  it("an app's client is not the operator", async () => {
    const answer = await call(`${auth.url}/api/v1/admin/apps`, { as: auth.seed.machine });
    expect(answer.status).toBe(403);
  });

  it('a suspended app is out at once: clients, tokens, exchange; and back', async () => {
    const admin = auth.seed.admin;
    const status = `${auth.url}/api/v1/admin/apps/${other.app.id}/status`;
    const bearer = await token(other.machine, 'users:read');
    const suspend = (next: string) =>
      call(status, { method: 'PUT', as: admin, json: { status: next } });
    expect((await suspend('suspended')).body).toMatchObject({ status: 'suspended' });
    expect((await call(at(other.app.id, '/users'), { as: bearer })).status).toBe(403);
    expect((await call(at(other.app.id, '/users'), { as: other.machine })).status).toBe(403);
    const form = { grant_type: 'client_credentials', scope: 'sign:job' };
    const refused = await call(`${auth.url}${TOKEN_PATH}`, { as: other.machine, form });
    expect(refused.body.error).toBe('invalid_client');
    await suspend('active');
    expect((await call(at(other.app.id, '/users'), { as: bearer })).status).toBe(200);
  });
});
