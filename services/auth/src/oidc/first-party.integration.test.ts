import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import Koa from 'koa';
import compose from 'koa-compose';
import mount from 'koa-mount';
import type { Provider } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeApp } from '../accounts/end-access.ts';
import { call } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { makeAccount, redeem, type SignInOptions, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';
import { createProvider } from './create-provider.ts';

const NATIVE = 'http://127.0.0.1/cb';

describe('an app of the operator’s own', () => {
  let auth: TestAuth;
  let server: Server;
  let replica: TestReplica;
  let accountId: string;
  let client: { clientId: string; redirectUri: string };

  beforeAll(async () => {
    auth = await startTestAuth();
    accountId = await makeAccount(auth);
    client = { clientId: auth.seed.publicClientId, redirectUri: NATIVE };
    const metadata = { redirect_uris: [NATIVE], application_type: 'native' };
    await setClientMetadata([auth], client.clientId, metadata);
    const provider = createProvider(
      {
        ...auth.deps,
        cookieKeys: auth.config.cookieKeys,
        dpopNonceSecret: auth.config.dpopNonceSecret,
        findClient: async (id) => {
          const found = await auth.deps.findClient(id);
          return found && { ...found, isFirstParty: true };
        },
      },
      auth.deps.issuerParts.keys(),
    );
    ({ server, replica } = await serve(provider));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await auth.stop();
  });

  /** Serves a provider under the issuer's path and name. */
  async function serve(provider: Provider): Promise<{ server: Server; replica: TestReplica }> {
    const app = new Koa();
    app.keys = [...auth.config.cookieKeys];
    app.use(async (ctx, next) => {
      ctx.req.headers.host = new URL(auth.url).host;
      await next();
    });
    app.use(mount(new URL(auth.config.issuer).pathname, compose(provider.middleware)));
    const http = createServer(app.callback());
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const issuerParts = { ...auth.deps.issuerParts, provider: () => provider };
    return {
      server: http,
      replica: { url, deps: { ...auth.deps, issuerParts }, stop: async () => undefined },
    };
  }
  const start = (scope: string, changed: Partial<SignInOptions> = {}) =>
    signIn(auth, { ...client, accountId, scope, replica, ...changed });
  const tokens = async (scope: string) =>
    (await redeem(auth, await start(scope), { ...client, replica })).body;

  it('asks for the login and not for consent, on a native client either', async () => {
    const first = await start('openid profile sign:job');
    expect(first.prompts).toEqual(['login']);
    expect(first.code).not.toBe('');
    const wider = await start('openid email', { jar: first.jar });
    expect(wider.prompts).toEqual([]);
  });

  it('asks when the app itself wants that', async () => {
    const { prompts } = await start('openid', { params: { prompt: 'consent' } });
    expect(prompts).toEqual(['login', 'consent']);
  });

  it('gets a token for the management API that speaks for the person', async () => {
    const { access_token, scope } = await tokens('openid manage');
    expect(scope).toBe('manage');
    expect(decodeJwt(access_token)).toMatchObject({
      aud: auth.config.managementAudience,
      sub: accountId,
      client_id: client.clientId,
      scope: 'manage',
    });
    expect(decodeJwt(access_token)).not.toHaveProperty('usage_subject');
  });

  it('what it was granted can be revoked like any consent', async () => {
    const { access_token } = await tokens('openid sign:job');
    const { grant_id: grantId } = decodeJwt(access_token) as { grant_id: string };
    await replica.deps.issuerParts.provider().Grant.adapter.destroy(grantId);
    const seen = await call(`${auth.config.issuer}/token/introspection`, {
      as: auth.seed.machine,
      form: { token: access_token },
    });
    expect(seen.body).toEqual({ active: false });
  });

  it('a person’s token for the management API ends with the grant that it came from', async () => {
    const { access_token } = await tokens('openid manage');
    const teams = async () =>
      (await call(`${auth.url}/api/v1/teams`, { as: `Bearer ${access_token}` })).status;
    expect(await teams()).toBe(200);
    const { grant_id: grantId } = decodeJwt(access_token) as { grant_id: string };
    expect((await revokeApp(auth.deps, { accountId, grantId })).ok).toBe(true);
    expect(await teams()).toBe(401);
  });
});
