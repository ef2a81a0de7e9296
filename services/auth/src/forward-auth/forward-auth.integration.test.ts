import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintSecret } from '../secrets/generated-secret.ts';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const REFUSED = { error: 'Unauthorized', message: 'Invalid API key' };
const WEBHOOK_SECRET = 'webhook-secret-of-the-test-suite-1';

describe('forward auth: who sends this request, asked by a proxy', () => {
  let auth: TestAuth;
  let keys: string;
  beforeAll(async () => {
    auth = await startTestAuth({ IDENTITY_WEBHOOK_SECRET: WEBHOOK_SECRET });
    keys = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
  });
  afterAll(() => auth.stop());

  const create = async (json: object = {}) =>
    (await call(keys, { as: auth.seed.machine, json })).body as { id: string; key: string };
  const ask = (authorization: string | undefined, query = '', headers = {}) =>
    call(`${auth.url}/api/v1/forward-auth${query}`, { as: authorization, headers });
  const reasons = async () => {
    const rows = await auth.deps.db<{ reason: string }[]>`
      select reason from auth.audit_log
      where action = 'credential.refused' and detail->>'surface' = 'forward auth'`;
    return rows.map(({ reason }) => reason);
  };

  it('a secret key: 200, and who it is in headers', async () => {
    const { key, id } = await create({ externalUserId: 'alice' });
    const answer = await ask(`Bearer ${key}`);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-auth-app': auth.seed.app.id,
      'x-auth-key': id,
      'x-auth-kind': 'secret',
      'x-auth-scopes': 'sign:job',
      'x-auth-user': 'alice',
    });
  });

  it('an access token of ours: 200', async () => {
    const form = { grant_type: 'client_credentials', scope: 'sign:job' };
    const token = await call(`${auth.url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
    const answer = await ask(`Bearer ${token.body.access_token}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-auth-kind')).toBe('token');
  });

  // Rows 9 and 10: one body for all of them, the reason in the audit log.
  it.each([
    ['nothing', () => undefined, 'missing'],
    [
      'Bearer: with a colon',
      () => `Bearer: ${mintSecret('lp_sk_live_')}`,
      '"Bearer:" instead of "Bearer"',
    ],
    ['Basic', () => 'Basic abc', 'no Bearer scheme'],
    ['Bearer and nothing', () => 'Bearer', 'nothing behind Bearer'],
    ['an unknown key', () => `Bearer ${mintSecret('lp_sk_live_')}`, 'unknown key'],
    [
      'a truncated key',
      () => `Bearer ${mintSecret('lp_sk_live_').slice(0, -1)}`,
      'truncated or mistyped key',
    ],
    ['a word', () => 'Bearer hello', 'not an API key'],
    ['NUL and quotes (S42)', () => "Bearer ';--%00", 'not an API key'],
    ['ten thousand letters (S42)', () => `Bearer ${'x'.repeat(10_000)}`, 'not an API key'],
  ])(
    'K8, rows 9 and 10: %s: 401 with the body that key holders know',
    async (_what, header, reason) => {
      const answer = await ask(header());
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual(REFUSED);
      expect(answer.headers.get('content-type')).toContain('application/json');
      await expect.poll(reasons).toContain(reason);
    },
  );

  it('K3, S44: a revoked key: 401 at the next request, though it was seen just now', async () => {
    const { key, id } = await create();
    expect((await ask(`Bearer ${key}`)).status).toBe(200);
    await call(`${keys}/${id}`, { method: 'DELETE', as: auth.seed.machine });
    await expect.poll(async () => (await ask(`Bearer ${key}`)).status).toBe(401);
  });

  it('K7, row 2: a secret key in a browser: 403, and the audit log says so', async () => {
    const { key } = await create();
    const answer = await ask(`Bearer ${key}`, '', { origin: 'https://shop.test' });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    await expect.poll(reasons).toContain('secret key in browser');
  });

  it('K7, row 3: a publishable key: from its origin, on its resource, to read or to start', async () => {
    const { key } = await create({
      kind: 'publishable',
      allowedOrigins: ['https://shop.test'],
      resources: ['stream_a'],
    });
    const origin = { origin: 'https://shop.test' };
    const good = await ask(`Bearer ${key}`, '?resource=stream_a', origin);
    expect(good.status).toBe(200);
    expect(good.headers.get('access-control-allow-origin')).toBe('https://shop.test');
    expect(good.headers.get('vary')).toContain('Origin');
    const post = { ...origin, 'x-forwarded-method': 'POST' };
    expect((await ask(`Bearer ${key}`, '?resource=stream_a', post)).status).toBe(403);
    expect((await ask(`Bearer ${key}`, '?resource=stream_a&session=1', post)).status).toBe(200);
    expect((await ask(`Bearer ${key}`, '?resource=stream_b', origin)).status).toBe(403);
    expect((await ask(`Bearer ${key}`, '?resource=stream_a')).status).toBe(403);
    const evil = await ask(`Bearer ${key}`, '?resource=stream_a', { origin: 'https://evil.test' });
    expect([evil.status, evil.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });

  it('a preflight is answered without a credential, and tells nothing', async () => {
    const headers = { 'x-forwarded-method': 'OPTIONS', 'access-control-request-method': 'POST' };
    const answer = await ask(undefined, '', headers);
    expect([answer.status, answer.headers.get('x-auth-app')]).toEqual([200, null]);
  });

  it('K9: a key’s own rate limit: 429 with Retry-After', async () => {
    const { key } = await create({ rateLimit: { limit: 2, windowSeconds: 600 } });
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await ask(`Bearer ${key}`)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const over = await ask(`Bearer ${key}`);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(over.body.error).toBe('rate_limited');
  });

  it('nobody at all: only where the app says so (row 1)', async () => {
    const query = `?app=${auth.seed.app.id}`;
    expect((await ask(undefined, query)).status).toBe(401);
    await auth.deps.db`
      update auth.apps set anonymous_access = true where id = ${auth.seed.app.id}`;
    await expect.poll(async () => (await ask(undefined, query)).status).toBe(200);
    expect((await ask(undefined, query)).headers.get('x-auth-kind')).toBe('anonymous');
    expect((await ask('Bearer wrong', query)).status).toBe(401);
    expect((await ask(undefined)).status).toBe(401);
  });

  describe('a key that was found in public (row 8)', () => {
    const report = (json: object) => call(`${auth.url}/api/v1/keys/report`, { json });

    it('is revoked by whoever reports it, and by a scanner’s list', async () => {
      const [one, two] = [await create(), await create()];
      expect((await report({ key: one.key, url: 'https://github.test/x' })).status).toBe(202);
      expect((await report([{ token: two.key, type: 'lp_sk_live' }])).status).toBe(202);
      for (const { key } of [one, two]) {
        await expect.poll(async () => (await ask(`Bearer ${key}`)).status).toBe(401);
      }
    });

    it('gets the same answer when there is no such key', async () => {
      const known = await create();
      const unknown = await report({ key: mintSecret('lp_sk_live_') });
      const good = await report({ key: known.key });
      expect([unknown.status, unknown.body]).toEqual([good.status, good.body]);
      expect((await report({ key: 'anything' })).status).toBe(202);
      expect((await report({})).status).toBe(400);
    });
  });

  describe('the identity webhook of go-livepeer’s own signer', () => {
    const webhook = (headers: object, as?: string, extra = {}) =>
      call(`${auth.url}/webhooks/remote-signer`, {
        json: { headers, state: { StateID: 'a' } },
        as,
        headers: extra,
      });
    const proof = `Bearer ${WEBHOOK_SECRET}`;

    it('a good key: 200 inside of 200, with auth_id and an end', async () => {
      const { key } = await create();
      const { status, body } = await webhook({ Authorization: [`Bearer ${key}`] }, proof);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: 200,
        auth_id: `${auth.seed.app.id}:app`,
        identity: { client_id: auth.seed.app.id, usage_subject_type: 'app' },
      });
      expect(body.expiry - Date.now() / 1000).toBeLessThanOrEqual(60);
    });

    it('never for longer than the credential itself is good', async () => {
      const { key, id } = await create();
      const endsAtSec = Math.floor(Date.now() / 1000) + 20;
      await auth.deps.db`
        update auth.api_keys set expires_at = to_timestamp(${endsAtSec}) where id = ${id}`;
      const ends = async () =>
        (await webhook({ Authorization: [`Bearer ${key}`] }, proof)).body.expiry;
      await expect.poll(ends).toBe(endsAtSec);
      await auth.deps.db`
        update auth.api_keys set expires_at = expires_at + interval '1 day',
          grace_expires_at = to_timestamp(${endsAtSec + 1}) where id = ${id}`;
      await expect.poll(ends).toBe(endsAtSec + 1);
    });

    it('a secret key that a browser sent: 403, it has leaked', async () => {
      const { key } = await create();
      const headers = { Authorization: [`Bearer ${key}`], Origin: ['https://shop.test'] };
      const answer = await webhook(headers, proof);
      expect(answer.body).toMatchObject({ status: 403, code: 'browser_key_refused' });
    });

    it('the caller’s secret may come in three headers; without it nothing is said', async () => {
      const { key } = await create();
      const headers = { authorization: [`Bearer ${key}`] };
      for (const name of ['x-api-key', 'x-webhook-secret']) {
        const answer = await webhook(headers, undefined, { [name]: WEBHOOK_SECRET });
        expect(answer.body.status).toBe(200);
      }
      expect((await webhook(headers, 'Bearer wrong')).status).toBe(401);
      expect((await webhook(headers)).status).toBe(401);
    });

    it.each([
      ['no credential', {}, 401],
      ['an unknown key', { Authorization: [`Bearer ${mintSecret('lp_sk_live_')}`] }, 401],
    ])('%s: refused inside of HTTP 200', async (_what, headers, status) => {
      const answer = await webhook(headers, proof);
      expect([answer.status, answer.body.status]).toEqual([200, status]);
    });

    it('a key that may not sign: 403', async () => {
      const { key } = await create({ scopes: ['usage:read'] });
      const answer = await webhook({ Authorization: [`Bearer ${key}`] }, proof);
      expect(answer.body).toMatchObject({ status: 403, code: 'insufficient_scope' });
    });

    it('without a configured secret there is no such route', async () => {
      const bare = await startTestAuth();
      const answer = await call(`${bare.url}/webhooks/remote-signer`, { json: {}, as: proof });
      expect(answer.status).toBe(404);
      await bare.stop();
    });
  });
});
