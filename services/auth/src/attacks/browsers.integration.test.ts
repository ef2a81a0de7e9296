import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { makeAccount, redeem, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://app.test/cb';
const APP = 'https://app.test';

describe('attacks that come through browsers', () => {
  let auth: TestAuth;
  let accountId: string;
  let client: { clientId: string; redirectUri: string };

  beforeAll(async () => {
    auth = await startTestAuth();
    accountId = await makeAccount(auth);
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    const metadata = { redirect_uris: [REDIRECT], allowed_origins: [APP] };
    await setClientMetadata([auth], client.clientId, metadata);
  });
  afterAll(() => auth.stop());

  describe('S26: CORS', () => {
    let token: string;
    beforeAll(async () => {
      const signedIn = await signIn(auth, { ...client, accountId });
      token = (await redeem(auth, signedIn, client)).body.access_token;
    });
    /** Answers that hold something: to a token, to a token request, to an error. */
    const answersTo = (origin: string) =>
      Promise.all([
        call(`${auth.config.issuer}/me`, { as: `Bearer ${token}`, headers: { origin } }),
        call(`${auth.url}${TOKEN_PATH}`, {
          headers: { origin },
          form: {
            grant_type: 'refresh_token',
            refresh_token: 'x',
            client_id: client.clientId,
          },
        }),
      ]);
    const allowed = async (origin: string) =>
      (await answersTo(origin)).map(({ headers }) => headers.get('access-control-allow-origin'));

    it('an origin that the client lists reads answers and errors', async () => {
      expect(await allowed(APP)).toEqual([APP, APP]);
    });

    it.each([
      'https://evil.test',
      'null',
      'https://app.test.evil.com',
      'https://evil-app.test',
      'https://sub.app.test',
      'https://APP.test',
      'https://app.test:8443',
      'http://app.test',
      'https://app.test/',
      'https://app.test.',
    ])('%s gets no Access-Control-Allow-Origin', async (origin) => {
      expect(await allowed(origin)).toEqual([null, null]);
    });

    it('no answer ever allows credentials', async () => {
      for (const origin of [APP, 'https://evil.test']) {
        for (const { headers } of await answersTo(origin)) {
          expect(headers.get('access-control-allow-credentials')).toBeNull();
        }
      }
    });

    it('pages, accounts and the management API are for no other origin', async () => {
      for (const path of ['/account', `/api/v1/apps/${auth.seed.app.id}/users`]) {
        const answer = await call(`${auth.url}${path}`, { headers: { origin: APP } });
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      }
    });
  });

  it('S36: nothing that opens a door is put into an address of ours', async () => {
    const signedIn = await signIn(auth, { ...client, accountId });
    const tokens = (await redeem(auth, signedIn, client)).body;
    expect([...signedIn.location.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
    const answer = await call(`${auth.config.issuer}/me?access_token=${tokens.access_token}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const page = await call(`${auth.url}/account`, { headers: { accept: 'text/html' } });
    const next = await call(new URL(page.headers.get('location') ?? '/', auth.url).href);
    for (const { headers } of [page, next]) {
      const policy = headers.get('referrer-policy');
      expect([null, 'no-referrer']).toContain(policy);
    }
  });

  describe('S38: cookies and their keys', () => {
    const keys = { old: 'a'.repeat(64), next: 'b'.repeat(64), other: 'c'.repeat(64) };
    const proxies: Server[] = [];
    afterAll(() => {
      for (const proxy of proxies) proxy.close();
    });
    /** A replica with its own keys, behind a proxy that calls it by the installation's name. */
    const at = async (COOKIE_KEYS: string): Promise<TestReplica> => {
      const replica = await auth.startReplica({ COOKIE_KEYS });
      const { host } = new URL(auth.url);
      const proxy = createServer((incoming, response) => {
        const { method, headers } = incoming;
        const options = { method, headers: { ...headers, host } };
        const sent = request(`${replica.url}${incoming.url}`, options, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        incoming.pipe(sent);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      proxies.push(proxy);
      const { port } = proxy.address() as AddressInfo;
      return { ...replica, url: `http://127.0.0.1:${port}` };
    };
    const silent = { params: { prompt: 'none' } };

    it('a new key in front: who was signed in by the old one still is', async () => {
      const before = await at(`${keys.old},${keys.other}`);
      const after = await at(`${keys.next},${keys.old}`);
      const { jar } = await signIn(auth, { ...client, accountId, replica: before });
      const again = await signIn(auth, { ...client, accountId, jar, ...silent, replica: after });
      expect(again.code).not.toBe('');
    });

    it('a key that is gone signs nobody in', async () => {
      const before = await at(`${keys.old},${keys.other}`);
      const without = await at(`${keys.next},${'d'.repeat(64)}`);
      const { jar } = await signIn(auth, { ...client, accountId, replica: before });
      const again = await signIn(auth, { ...client, accountId, jar, ...silent, replica: without });
      expect(again.location.searchParams.get('error')).toBe('login_required');
    });
  });
});
