import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

// What ours is compared with: oidc-provider as its documentation starts it, in memory, in a
// process of its own. Prints `ready <origin>` and, for the refresh grant, tokens to begin with.

const RESOURCE = 'urn:bench';
const REFRESH_TOKENS = 64;
const DAY_SEC = 86_400;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const provider = new Provider(origin, {
  clients: [
    {
      client_id: 'bench',
      client_secret: 'bench-secret-bench-secret-bench-secret',
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1/cb'],
      response_types: ['code'],
    },
  ],
  jwks: {
    keys: [
      { ...rsa.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'r' },
      { ...ec.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'e' },
    ],
  } as never,
  cookies: { keys: ['bench-bench-bench-bench-bench-bench'] },
  findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  rotateRefreshToken: true,
  ttl: { RefreshToken: DAY_SEC, Grant: DAY_SEC, AccessToken: 300, ClientCredentials: 300 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (ctx.oidc.params?.scope === 'opaque' ? [] : RESOURCE),
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'sign:job openid offline_access',
        audience: RESOURCE,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});
const client = await provider.Client.find('bench');
const refreshTokens: string[] = [];
for (let index = 0; client && index < REFRESH_TOKENS; index += 1) {
  const grant = new provider.Grant({ accountId: `user-${index}`, clientId: 'bench' });
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(RESOURCE, 'sign:job');
  const token = new provider.RefreshToken({
    accountId: `user-${index}`,
    client,
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope: 'openid offline_access sign:job',
    resource: RESOURCE,
  } as never);
  refreshTokens.push(await token.save());
}
const opaque = client
  ? await new provider.AccessToken({
      accountId: 'user-0',
      client,
      grantId: 'none',
      gty: 'authorization_code',
      scope: 'openid',
    } as never).save()
  : '';
server.on('request', provider.callback());
process.stdout.write(`ready ${JSON.stringify({ origin, refreshTokens, opaque })}\n`);
