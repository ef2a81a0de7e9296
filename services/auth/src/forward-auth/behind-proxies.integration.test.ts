import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('forward auth: what the caller behind the proxy cannot talk it into', () => {
  let auth: TestAuth;
  let keys: string;
  beforeAll(async () => {
    auth = await startTestAuth({ TRUST_PROXY: '1' });
    keys = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
  });
  afterAll(() => auth.stop());

  const create = async (json: object = {}) =>
    (await call(keys, { as: auth.seed.machine, json })).body as { id: string; key: string };
  const ask = (authorization: string | undefined, query = '', headers = {}) =>
    call(`${auth.url}/api/v1/forward-auth${query}`, { as: authorization, headers });
  const from = (ip: string) => ({ 'x-forwarded-for': ip });

  it.each([
    ['nginx, X-Original-Method', { 'x-original-method': 'POST', 'x-forwarded-method': 'OPTIONS' }],
    ['Traefik and Caddy', { 'x-forwarded-method': 'POST', 'x-original-method': 'OPTIONS' }],
  ])('%s: a header of the caller makes no preflight of a request', async (_proxy, methods) => {
    const answer = await ask(undefined, '', { ...methods, 'access-control-request-method': 'GET' });
    expect(answer.status).toBe(401);
  });

  it.each([
    ['nginx, X-Original-Method', { 'x-original-method': 'POST', 'x-forwarded-method': 'GET' }],
    ['Traefik and Caddy', { 'x-forwarded-method': 'POST', 'x-original-method': 'GET' }],
  ])('%s: nor a read of a write', async (_proxy, methods) => {
    const { key } = await create({
      kind: 'publishable',
      allowedOrigins: ['https://shop.test'],
      resources: ['stream_a'],
    });
    const headers = { ...methods, origin: 'https://shop.test' };
    expect((await ask(`Bearer ${key}`, '?resource=stream_a', headers)).status).toBe(403);
  });

  it('K6: an allowlist of IPv6 addresses and networks, and IPv4 in IPv6', async () => {
    const { key } = await create({
      ipAllowlist: ['2001:db8:1:2::7', '2001:db8:9::/48', '192.0.2.0/24'],
    });
    const statuses = async (...ips: string[]) => {
      const found: number[] = [];
      for (const ip of ips) found.push((await ask(`Bearer ${key}`, '', from(ip))).status);
      return found;
    };
    const good = ['2001:db8:1:2::7', '2001:DB8:1:2:0:0:0:7', '2001:db8:9:8::1', '::ffff:192.0.2.9'];
    expect(await statuses(...good)).toEqual([200, 200, 200, 200]);
    const bad = ['2001:db8:1:2::8', '2001:db8:a::1', '::ffff:192.0.3.9', '192.0.3.1', 'unknown'];
    expect(await statuses(...bad)).toEqual([403, 403, 403, 403, 403]);
  });

  it('keeps the network of an IPv6 address that used a key', async () => {
    const { id, key } = await create();
    await ask(`Bearer ${key}`, '', from('2001:db8:1:2::7'));
    await auth.deps.lastUsed.flush();
    const [row] = await auth.deps.db<{ ip: string }[]>`
      select last_used_ip_prefix as ip from auth.api_keys where id = ${id}`;
    expect(row?.ip).toBe('2001:db8:1::/48');
  });

  it('an address with a zone is no entry of an allowlist, and no fault', async () => {
    const json = { ipAllowlist: ['fe80::1%eth0'] };
    expect((await call(keys, { as: auth.seed.machine, json })).status).toBe(400);
    const { key } = await create({ ipAllowlist: ['fe80::1'] });
    expect((await ask(`Bearer ${key}`, '', from('fe80::1%eth0'))).status).toBe(403);
  });

  describe('a token that came from a key', () => {
    const tokenOf = async (key: string) => {
      const form = { grant_type: EXCHANGE, subject_token: key, subject_token_type: KEY_TYPE };
      const { body } = await call(`${auth.url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
      return `Bearer ${body.access_token}`;
    };
    const KEY_TYPE = 'urn:pymthouse:oauth:token-type:api_key';

    it('K9: has the key’s own rate limit, together with the key', async () => {
      const { key } = await create({ rateLimit: { limit: 3, windowSeconds: 600 } });
      const [one, two] = [await tokenOf(key), await tokenOf(key)];
      const statuses: number[] = [];
      for (const as of [`Bearer ${key}`, one, two, one, two]) {
        statuses.push((await ask(as)).status);
      }
      expect(statuses).toEqual([200, 200, 200, 429, 429]);
    });

    it('a suspended app: 403, and the audit log says why', async () => {
      const { key, id } = await create({ name: randomUUID() });
      const token = await tokenOf(key);
      const url = `${auth.url}/api/v1/admin/apps/${auth.seed.app.id}`;
      const set = (status: string) =>
        call(`${url}/status`, { method: 'PUT', as: auth.seed.admin, json: { status } });
      expect((await set('suspended')).status).toBe(200);
      expect((await ask(token)).status).toBe(403);
      const reasons = async () => {
        const rows = await auth.deps.db<{ reason: string }[]>`
          select reason from auth.audit_log where target = ${id}
            and action = 'credential.refused' and detail->>'surface' = 'forward auth'`;
        return rows.map(({ reason }) => reason);
      };
      await expect.poll(reasons).toContain('suspended');
      await set('active');
    });
  });
});
