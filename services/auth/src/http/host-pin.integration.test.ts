import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const DISCOVERY = '/api/v1/oidc/.well-known/openid-configuration';

describe('S25: one host name is served', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth({ INTERNAL_ORIGINS: 'http://auth:4000' });
  });
  afterAll(() => auth.stop());

  /** fetch may not set Host, so the request is made by hand. */
  const get = (path: string, headers: Record<string, string>, method = 'GET', body = '') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(auth.url);
      const outgoing = request({ hostname, port, path, method, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  it.each([
    ['evil.example', DISCOVERY],
    ['127.0.0.1', DISCOVERY],
    ['127.0.0.1:1', '/api/v1/apps/x/users'],
    ['localhost', '/api/v1/oidc/auth'],
    ['auth:4000.evil.example', DISCOVERY],
  ])('pitfall 4: host %j at %s is 421', async (host, path) => {
    const answer = await get(path, { host });
    expect(answer.status).toBe(421);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'misdirected_host' });
  });

  it.each(['/healthz', '/readyz', '/api/v1/oidc/jwks'])(
    'pitfall 30: %s is for any host',
    async (path) => {
      expect((await get(path, { host: 'anything.example' })).status).toBe(200);
    },
  );

  it.each([
    DISCOVERY,
    '/api/v1/oidc/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/api/v1/oidc',
    '/.well-known/openid-configuration',
  ])('%s names the pinned origin, by whatever name it was asked', async (path) => {
    const { host } = new URL(auth.url);
    const poison = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const own = await get(path, { host, ...poison });
    const internal = await get(path, { host: 'auth:4000', ...poison });
    expect(own.text).toBe(internal.text);
    const document = JSON.parse(own.text) as Record<string, unknown>;
    expect(document.issuer).toBe(auth.config.issuer);
    for (const [name, value] of Object.entries(document)) {
      if (name.endsWith('_endpoint') || name.endsWith('_uri')) {
        expect(String(value).startsWith(`${auth.config.issuer}/`)).toBe(true);
      }
    }
  });

  it('an internal host may use token and API routes, and nothing for browsers', async () => {
    const headers = {
      host: 'auth:4000',
      authorization: basic(auth.seed.machine),
      'content-type': 'application/x-www-form-urlencoded',
    };
    const form = 'grant_type=client_credentials&scope=sign:job';
    expect((await get('/api/v1/oidc/token', headers, 'POST', form)).status).toBe(200);
    const users = `/api/v1/apps/${auth.seed.app.id}/users`;
    expect((await get(users, headers)).status).toBe(200);
    expect((await get('/api/v1/oidc/auth', headers)).status).toBe(421);
    expect((await get('/api/v1/oidc/session/end', headers)).status).toBe(421);
    expect((await get('/interaction/x', headers)).status).toBe(421);
  });

  it('RFC 9112, 3.2.2: an absolute request target does not take the place of Host', async () => {
    const { hostname, port, host } = new URL(auth.url);
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(`GET http://evil.example${DISCOVERY} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      });
      socket.once('data', (data) => {
        socket.destroy();
        resolve(String(data).split('\r\n')[0] ?? '');
      });
      socket.once('error', reject);
    });
    expect(status).toContain('421');
  });
});
