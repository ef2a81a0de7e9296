import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationUrl } from '../testing/browser.ts';
import { call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const KEY_REFUSED = '{"error":"Unauthorized","message":"Invalid API key"}';
const FORM = 'application/x-www-form-urlencoded';

describe('bad input', () => {
  let auth: TestAuth;
  let users: string;
  beforeAll(async () => {
    auth = await startTestAuth();
    users = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users`;
  });
  afterAll(() => auth.stop());

  const post = (url: string, body: string, contentType: string) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        authorization: `Basic ${Buffer.from(
          `${auth.seed.machine.clientId}:${auth.seed.machine.clientSecret}`,
        ).toString('base64')}`,
      },
      body,
    });

  describe('S42: API keys', () => {
    const mangled = (change: (key: string) => string) => () => change(auth.seed.apiKey.key);
    const cases: [string, () => string][] = [
      ['unknown but well formed', () => 'pmth_'.padEnd(69, '0')],
      ['truncated', mangled((key) => key.slice(0, -1))],
      ['checksum broken', mangled((key) => `${key.slice(0, -1)}${key.endsWith('0') ? 1 : 0}`)],
      ['wrong case', mangled((key) => key.toUpperCase())],
      ['SQL', () => "lp_sk_live_'--"],
      ['3 kB', () => `lp_sk_live_${'a'.repeat(3_000)}`],
    ];

    it.each(cases)('%s: the same 401 at every surface', async (_name, make) => {
      const key = make();
      const bearer = await call(users, { as: `Bearer ${key}` });
      const json = { apiKey: key };
      const facade = await call(`${auth.url}/api/pymthouse/keys/exchange`, { json });
      for (const answer of [bearer, facade]) {
        expect([answer.status, answer.text]).toEqual([401, KEY_REFUSED]);
        expect(answer.headers.get('content-type')).toContain('application/json');
      }
    });

    it('a NUL in a text is a mistake of whoever sent it, in whatever field', async () => {
      const keys = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
      const json = { name: 'a\u0000b' };
      const made = await call(keys, { as: auth.seed.machine, json });
      expect([made.status, made.body.code]).toEqual([400, 'invalid_request']);
      const as = `Basic ${Buffer.from('a%00b:secret').toString('base64')}`;
      expect((await call(keys, { as })).status).toBe(401);
      for (const name of ['client_id', 'state', 'nonce', 'login_hint']) {
        const { url } = authorizationUrl(auth, {
          redirect_uri: 'http://127.0.0.1/cb',
          [name]: 'a\u0000',
        });
        expect((await call(url)).status).toBeLessThan(500);
      }
      const form = { grant_type: 'refresh_token', refresh_token: 'a\u0000', client_id: 'a\u0000' };
      expect((await call(`${auth.config.issuer}/token`, { form })).status).toBeLessThan(500);
    });

    it('NUL, Unicode and white space in a JSON key', async () => {
      const { key } = auth.seed.apiKey;
      for (const apiKey of ['', `${key}\u0000`, `é${key}`, ` ${key}`, `Bearer ${key}`]) {
        const url = `${auth.url}/api/pymthouse/keys/exchange`;
        const answer = await call(url, { json: { apiKey } });
        expect([400, 401]).toContain(answer.status);
      }
    });

    it('a good key is not for these routes, and a secret key in a browser for none', async () => {
      const as = `Bearer ${auth.seed.apiKey.key}`;
      expect((await call(users, { as })).status).toBe(403);
      const headers = { origin: 'https://app.example' };
      const json = { apiKey: auth.seed.apiKey.key };
      const url = `${auth.url}/api/pymthouse/keys/exchange`;
      expect((await call(url, { json, headers })).status).toBe(401);
      // The audit log is written behind the answer.
      const isAudited = async () => {
        const rows = await auth.deps.db`
          select 1 from auth.audit_log where reason = 'secret key in browser'`;
        return rows.length > 0;
      };
      expect(await waitFor(isAudited, { what: 'the audit entry' })).toBe(true);
    });

    it('row 10: the audit log says which mistake it was, and never holds the key', async () => {
      const expected = [
        'unknown key',
        'truncated or mistyped key',
        'white space around the key',
        'the word Bearer is part of the key',
        'not an API key',
      ];
      const readRows = () => auth.deps.db<{ reason: string; row: string }[]>`
        select reason, audit_log::text as row from auth.audit_log
        where action = 'credential.refused'`;
      const hasAll = async () => {
        const reasons = new Set((await readRows()).map(({ reason }) => reason));
        return expected.every((reason) => reasons.has(reason));
      };
      expect(await waitFor(hasAll, { what: 'the audit entries' })).toBe(true);
      const rows = await readRows();
      expect(rows.map(({ row }) => row).join()).not.toContain(auth.seed.apiKey.key.slice(0, 30));
    });
  });

  describe('S36: secrets in the query', () => {
    it('are not read', async () => {
      const { clientId, clientSecret } = auth.seed.machine;
      const query = new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'sign:job',
        client_id: clientId,
        client_secret: clientSecret,
      });
      const answer = await call(`${auth.url}${TOKEN_PATH}?${query}`, { method: 'POST' });
      expect(answer.status).toBe(400);
      const key = encodeURIComponent(auth.seed.apiKey.key);
      expect((await call(`${users}?access_token=${key}&api_key=${key}`)).status).toBe(401);
    });
  });

  describe('S37: size and shape', () => {
    it('a body of 2 MB is refused', async () => {
      const big = JSON.stringify({ externalUserId: 'x', email: 'a'.repeat(2_000_000) });
      expect((await post(users, big, 'application/json')).status).toBe(413);
      const form = `grant_type=client_credentials&scope=${'a'.repeat(2_000_000)}`;
      const token = await post(`${auth.url}${TOKEN_PATH}`, form, FORM);
      expect(token.status).toBe(400);
    });

    it.each([
      ['not JSON', '{'],
      ['an array', '[]'],
      ['null', 'null'],
      ['deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
      ['a number', '1'],
      ['another type', '{"externalUserId":1}'],
      ['nothing', ''],
    ])('%s is 400', async (_name, body) => {
      expect((await post(users, body, 'application/json')).status).toBe(400);
    });

    it('JSON at the token endpoint is 400', async () => {
      const body = '{"grant_type":"client_credentials"}';
      expect((await post(`${auth.url}${TOKEN_PATH}`, body, 'application/json')).status).toBe(400);
    });

    it('a hundred thousand parameters are 400', async () => {
      const body = `grant_type=client_credentials${'&a=1'.repeat(12_000)}`;
      expect((await post(`${auth.url}${TOKEN_PATH}`, body, FORM)).status).toBe(400);
    });

    it.each(['a@b.example', 'owner:1', 'user:1', '', ' x', 'x'.repeat(129), 'é', '../x', 'a b'])(
      'external user id %j is 400',
      async (externalUserId) => {
        const answer = await call(users, { as: auth.seed.machine, json: { externalUserId } });
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
      },
    );
  });

  describe('S40: names of Object.prototype', () => {
    it('are inert as JSON members and as form parameters', async () => {
      const body = '{"externalUserId":"proto","__proto__":{"status":"inactive"},"constructor":1}';
      const answer = await post(users, body, 'application/json');
      expect(await answer.json()).toMatchObject({ status: 'active' });
      const form = 'grant_type=client_credentials&scope=sign:job&__proto__=x&constructor=y';
      expect((await post(`${auth.url}${TOKEN_PATH}`, form, FORM)).status).toBe(200);
      expect(({} as Record<string, unknown>).status).toBeUndefined();
    });

    it('are no client, no app and no user', async () => {
      for (const id of ['__proto__', 'constructor', 'toString']) {
        const as = { clientId: id, clientSecret: 'x' };
        const form = { grant_type: EXCHANGE };
        expect((await call(`${auth.url}${TOKEN_PATH}`, { as, form })).status).toBe(401);
        const url = `${auth.url}/api/v1/apps/${id}/users`;
        expect((await call(url, { as: auth.seed.machine })).status).toBe(404);
      }
    });
  });

  it('gives 404 in JSON for a route that is not there', async () => {
    const answer = await call(`${auth.url}/api/v1/nothing`);
    expect([answer.status, answer.body.error]).toEqual([404, 'not_found']);
  });
});
