import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importSPKI,
  type JWK,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_TOKEN, call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { makeAccount, redeem, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://client.example/cb';
const WEBHOOK_SECRET = 'webhook-secret-of-the-test-suite-1';

describe('tokens that are not what they seem, at every surface that takes one', () => {
  let auth: TestAuth;
  let issuer: string;
  let good: string;
  let person: { access_token: string; id_token: string; refresh_token: string };
  let thief: { key: CryptoKey; jwk: JWK };
  let listener: Server;
  let inside: string;
  const connections: string[] = [];

  beforeAll(async () => {
    auth = await startTestAuth({ IDENTITY_WEBHOOK_SECRET: WEBHOOK_SECRET });
    ({ issuer } = auth.config);
    good = await tokenOf('sign:job');
    const client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    await setClientMetadata([auth], client.clientId, { redirect_uris: [REDIRECT] });
    const accountId = await makeAccount(auth);
    person = (await redeem(auth, await signIn(auth, { ...client, accountId }), client)).body;
    const pair = await generateKeyPair('ES256', { extractable: true });
    thief = { key: pair.privateKey, jwk: await exportJWK(pair.publicKey) };
    listener = createServer((request, response) => {
      connections.push(request.url ?? '');
      response.end(JSON.stringify({ keys: [thief.jwk] }));
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    inside = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    listener.closeAllConnections();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    await auth.stop();
  });

  const tokenOf = async (scope: string): Promise<string> => {
    const form = { grant_type: 'client_credentials', scope };
    const answer = await call(`${auth.url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
    return answer.body.access_token;
  };
  const users = () => `${auth.url}/api/v1/apps/${auth.seed.app.id}/users`;
  /** What every surface says of a token: true where it is taken. */
  const takenBy = async (token: string): Promise<Record<string, boolean>> => {
    const bearer = { as: `Bearer ${token}` };
    const [me, management, proxy, seen, webhook, exchanged] = await Promise.all([
      call(`${issuer}/me`, bearer),
      call(users(), bearer),
      call(`${auth.url}/api/v1/forward-auth`, bearer),
      call(`${issuer}/token/introspection`, { as: auth.seed.machine, form: { token } }),
      call(`${auth.url}/webhooks/remote-signer`, {
        as: `Bearer ${WEBHOOK_SECRET}`,
        json: { headers: { Authorization: [`Bearer ${token}`] } },
      }),
      call(`${auth.url}${TOKEN_PATH}`, {
        as: auth.seed.machine,
        form: { grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN },
      }),
    ]);
    return {
      userinfo: me.status === 200,
      management: management.status === 200,
      forwardAuth: proxy.status === 200,
      introspection: seen.body.active === true,
      webhook: webhook.body.status === 200,
      exchange: exchanged.status === 200,
    };
  };
  const NOWHERE = {
    userinfo: false,
    management: false,
    forwardAuth: false,
    introspection: false,
    webhook: false,
    exchange: false,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const withHeader = (header: object) => {
    const [, claims, signature] = good.split('.');
    return `${part({ ...decodeProtectedHeader(good), ...header })}.${claims}.${signature}`;
  };
  const signed = (header: Record<string, unknown>, key: CryptoKey | Uint8Array = thief.key) =>
    new SignJWT({ ...decodeJwt(good), jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
      .sign(key);

  it('the real one is taken where it belongs', async () => {
    expect(await takenBy(good)).toEqual({
      ...NOWHERE,
      forwardAuth: true,
      introspection: true,
      webhook: true,
      exchange: true,
    });
  });

  it.each<[string, () => Promise<string> | string]>([
    ['alg none', () => `${part({ alg: 'none', typ: 'at+jwt' })}.${good.split('.')[1]}.`],
    ['alg None', () => `${part({ alg: 'None', typ: 'at+jwt' })}.${good.split('.')[1]}.`],
    ['another algorithm for the same signature', () => withHeader({ alg: 'RS256' })],
    ['HS256 with the published key as secret (JWK)', () => hmacOf('jwk')],
    ['HS256 with the published key as secret (PEM)', () => hmacOf('pem')],
    ['a thief’s key under our key’s id', async () => signed({ kid: auth.deps.keys().es256.kid })],
    ['a signature of zeros', () => `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(86)}`],
    ['no signature', () => good.slice(0, good.lastIndexOf('.') + 1)],
    ['crit of something unknown', () => withHeader({ crit: ['x'], x: 1 })],
  ])('S11: %s: taken nowhere', async (_name, make) => {
    expect(await takenBy(await make())).toEqual(NOWHERE);
  });

  it.each<[string, () => Record<string, unknown>]>([
    ['a path as kid', () => ({ kid: '../../../dev/null' })],
    ['SQL as kid', () => ({ kid: "x' union select 'secret" })],
    ['no kid', () => ({})],
    ['jku', () => ({ kid: 'thief', jku: `${inside}/jku` })],
    ['x5u', () => ({ kid: 'thief', x5u: `${inside}/x5u` })],
    ['the key itself (jwk)', () => ({ kid: 'thief', jwk: thief.jwk })],
    ['a chain of certificates (x5c)', () => ({ kid: 'thief', x5c: ['AAAA'] })],
  ])('S12: %s: taken nowhere, and nothing is fetched', async (_name, header) => {
    expect(await takenBy(await signed(header()))).toEqual(NOWHERE);
    expect(connections).toEqual([]);
  });

  it('S13: an ID token and a refresh token are no access tokens', async () => {
    expect(await takenBy(person.id_token)).toEqual(NOWHERE);
    // Introspection tells of a refresh token too: that is its purpose (RFC 7662, 2.1).
    const refresh = await takenBy(person.refresh_token);
    expect({ ...refresh, introspection: false }).toEqual(NOWHERE);
  });

  it('S13: each access token is for its own audience', async () => {
    const opaque = await takenBy(person.access_token);
    expect(opaque).toEqual({ ...NOWHERE, userinfo: true, introspection: true });
    const management = await takenBy(await tokenOf('users:read'));
    expect(management).toEqual({ ...NOWHERE, management: true, introspection: true });
  });

  it('S41: no error and no document holds private members of a key', async () => {
    const answers = await Promise.all([
      call(`${issuer}/jwks`),
      call(`${issuer}/.well-known/openid-configuration`),
      call(`${issuer}/me`, { as: `Bearer ${withHeader({ alg: 'none' })}` }),
      call(`${issuer}/auth?client_id=x`, { headers: { accept: 'text/html' } }),
      call(`${auth.url}${TOKEN_PATH}`, { form: { grant_type: 'x' } }),
    ]);
    const { all } = auth.deps.keys();
    const secrets = all.flatMap(({ privateJwk: { d, p, q } }) => [d, p, q]);
    const present = secrets.filter((value) => typeof value === 'string');
    expect(present.length).toBeGreaterThan(3);
    for (const { text } of answers) {
      for (const secret of present) expect(text.includes(secret)).toBe(false);
      expect(text).not.toMatch(/PRIVATE KEY|at \w+ \(|node_modules/);
    }
  });

  async function hmacOf(form: 'jwk' | 'pem'): Promise<string> {
    const { publicJwk, kid, publicKey } = auth.deps.keys().es256;
    const pem = await exportSPKI(
      await importSPKI(String(publicKey.export({ type: 'spki', format: 'pem' })), 'ES256', {
        extractable: true,
      }),
    );
    const secret = new TextEncoder().encode(form === 'pem' ? pem : JSON.stringify(publicJwk));
    return signed({ alg: 'HS256', kid }, secret);
  }
});
