import { createHash } from 'node:crypto';
import { createConnection } from 'node:net';
import { FORWARDED_ROUTES, forwardTokenSchema } from '@clearinghouse/shared';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forwardRequest } from '../forward/forward-request.ts';
import { type Credentials, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('contracts 7: routes forwarded to billing', () => {
  let auth: TestAuth;
  let app: string;
  beforeAll(async () => {
    auth = await startTestAuth();
    app = `/api/v1/apps/${auth.seed.app.id}`;
  });
  beforeEach(() => {
    auth.billing.seen.length = 0;
    auth.billing.setMode('answer');
  });
  afterAll(() => auth.stop());

  const last = () => {
    const seen = auth.billing.seen.at(-1);
    if (!seen) throw new Error('nothing reached billing');
    return seen;
  };
  const claims = async () => {
    const [, token = ''] = last().headers.authorization?.split(' ') ?? [];
    const jwks = createRemoteJWKSet(new URL(`${auth.config.issuer}/jwks`));
    const { payload } = await jwtVerify(token, jwks, {
      issuer: auth.config.issuer,
      audience: 'urn:clearinghouse:billing',
      algorithms: ['ES256'],
      typ: 'JWT',
    });
    return forwardTokenSchema.parse(payload);
  };
  const bearer = async (as: Credentials, scope: string) => {
    const form = { grant_type: 'client_credentials', scope };
    return `Bearer ${(await call(`${auth.url}${TOKEN_PATH}`, { as, form })).body.access_token}`;
  };

  it("names app, subject, method, path with query and the body's hash, for 30 s", async () => {
    const path = `${app}/usage?groupBy=user&userId=a%20b`;
    const answer = await call(`${auth.url}${path}`, {
      as: auth.seed.machine,
      headers: { 'x-request-id': 'request-0001' },
    });
    expect(answer.status).toBe(200);
    expect(last()).toMatchObject({ method: 'GET', url: path });
    const token = await claims();
    expect(token).toMatchObject({
      app: auth.seed.app.id,
      subject: auth.seed.machine.clientId,
      scopes: ['usage:read'],
      method: 'GET',
      path,
      body_sha256: createHash('sha256').update('').digest('hex'),
      request_id: 'request-0001',
    });
    expect(token.exp - token.iat).toBe(30);
  });

  it('carries a body and its idempotency key, hashed as sent; the operator speaks for no app', async () => {
    const path = `/api/v1/admin/apps/${auth.seed.app.id}/credits`;
    await call(`${auth.url}${path}`, {
      as: auth.seed.admin,
      json: { amountUsdMicros: '5' },
      headers: { 'idempotency-key': 'once' },
    });
    expect(last()).toMatchObject({ method: 'POST', url: path, body: '{"amountUsdMicros":"5"}' });
    expect(last().headers['idempotency-key']).toBe('once');
    const token = await claims();
    const sha256 = createHash('sha256').update(last().body).digest('hex');
    expect(token).toMatchObject({ scopes: ['admin'], body_sha256: sha256 });
    expect(token.app).toBeUndefined();
  });

  it("a user's own routes name the user, and take the user's token only", async () => {
    const url = `${auth.url}${app}/users/alice/token`;
    const { body } = await call(url, { as: auth.seed.machine, json: {} });
    const path = `${auth.url}/api/v1/user/usage/balance`;
    expect((await call(path, { as: `Bearer ${body.access_token}` })).status).toBe(200);
    const user = auth.seed.users.find(({ externalUserId }) => externalUserId === 'alice');
    expect(await claims()).toMatchObject({
      app: auth.seed.app.id,
      subject: user?.id,
      scopes: ['user'],
    });
    expect((await call(path, { as: auth.seed.machine })).status).toBe(401);
    expect((await call(path)).status).toBe(401);
  });

  it('signs the path as it is sent, whatever is rewritten on the way', async () => {
    const { hostname, port, host } = new URL(auth.url);
    const { clientId, clientSecret } = auth.seed.machine;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const head = `Host: ${host}\r\nAuthorization: Basic ${basic}\r\nConnection: close`;
    await new Promise<void>((resolve, reject) => {
      const socket = createConnection(Number(port), hostname, () => {
        socket.write(`GET ${app}/usage?userId='a'"b HTTP/1.1\r\n${head}\r\n\r\n`);
      });
      socket.resume().once('end', resolve).once('error', reject);
    });
    expect((await claims()).path).toBe(last().url);
  });

  it("drops the caller's credentials and what names its way here", async () => {
    const as = await bearer(auth.seed.machine, 'usage:read');
    await call(`${auth.url}${app}/usage`, {
      as,
      headers: {
        cookie: 'ch_session=secret',
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-user': 'root',
        'x-custom': 'x',
      },
    });
    const { headers } = last();
    expect(headers.authorization).not.toBe(as);
    for (const name of [
      'cookie',
      'x-forwarded-for',
      'x-forwarded-user',
      'x-forwarded-proto',
      'x-custom',
    ]) {
      expect(headers[name]).toBeUndefined();
    }
  });

  it("gives back status, body and the named headers, not billing's own", async () => {
    const answer = await call(`${auth.url}${app}/usage`, { as: auth.seed.machine });
    expect(answer.body).toMatchObject({ balanceUsdMicros: '5000000' });
    expect(answer.headers.get('etag')).toBe('"e1"');
    expect(answer.headers.get('x-internal')).toBeNull();
    expect(answer.headers.get('set-cookie')).toBeNull();
    auth.billing.setMode('fail');
    expect((await call(`${auth.url}${app}/usage`, { as: auth.seed.machine })).status).toBe(500);
  });

  it('is 503 when billing does not begin to answer in time', async () => {
    auth.billing.setMode('hang');
    const outcome = await forwardRequest(
      { ...auth.deps, firstByteMs: 50 },
      {
        app: auth.seed.app.id,
        subject: 'm2m_x',
        scopes: ['usage:read'],
        method: 'GET',
        path: `${app}/usage`,
        body: Buffer.alloc(0),
        requestId: 'request-0002',
        headers: {},
      },
    );
    expect(outcome).toEqual({ ok: false, code: 'unavailable' });
  });

  it.each(FORWARDED_ROUTES.map(({ method, path }) => [method, path] as const))(
    '%s %s is closed to nobody in particular',
    async (method, path) => {
      const url = `${auth.url}${path.replace(':appId', auth.seed.app.id)}`;
      const answer = await call(url, { method, ...(method === 'GET' ? {} : { json: {} }) });
      expect(answer.status).toBe(401);
      expect(auth.billing.seen).toHaveLength(0);
    },
  );

  it.each([
    ['/api/v1/internal/x', 404],
    ['/api/v1/admin/apps/x/ledger/../../../secret', 404],
    ['//127.0.0.1/api/v1/user/usage', 404],
    ['/api/v1/user/usage/', 404],
  ])('forwards nothing outside the table: %s', async (path, status) => {
    // fetch would tidy the path; this is what stands on the wire.
    const { hostname, port, host } = new URL(auth.url);
    const line = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(Number(port), hostname, () => {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      });
      socket.once('data', (data) => resolve(String(data).split('\r\n')[0] ?? ''));
      socket.once('error', reject);
    });
    expect(line).toContain(String(status));
    expect(auth.billing.seen).toHaveLength(0);
  });

  it('a body above 64 kB is refused here', async () => {
    const path = `/api/v1/admin/apps/${auth.seed.app.id}/credits`;
    const answer = await call(`${auth.url}${path}`, {
      as: auth.seed.admin,
      json: { note: 'a'.repeat(70_000) },
    });
    expect(answer.status).toBe(413);
    expect(auth.billing.seen).toHaveLength(0);
  });
});
