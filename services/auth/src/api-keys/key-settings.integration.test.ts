import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('API keys: settings, rotation, revocation', () => {
  let auth: TestAuth;
  let keys: string;
  beforeAll(async () => {
    auth = await startTestAuth();
    keys = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
  });
  afterAll(() => auth.stop());

  const as = () => auth.seed.machine;
  const create = async (json: object = {}) => (await call(keys, { as: as(), json })).body;
  const change = (id: string, json: object) =>
    call(`${keys}/${id}`, { method: 'PATCH', as: as(), json });
  const rotate = (id: string, json: object = {}, headers: Record<string, string> = {}) =>
    call(`${keys}/${id}/rotate`, { as: as(), json, headers });
  const verify = (key: string): Promise<Answer> =>
    call(`${auth.url}/api/v1/forward-auth?resource=stream_a`, { as: `Bearer ${key}` });
  const audit = async (action: string) => {
    const rows = await auth.deps.db<{ target: string }[]>`
      select target from auth.audit_log where action = ${action}`;
    return rows.map(({ target }) => target);
  };

  it('K4: are created with settings and show them', async () => {
    const made = await create({
      kind: 'publishable',
      resources: ['stream_a'],
      allowedOrigins: ['https://shop.test'],
      ipAllowlist: ['10.0.0.0/8'],
      rateLimit: { limit: 5, windowSeconds: 60 },
    });
    expect(made).toMatchObject({
      resources: ['stream_a'],
      allowedOrigins: ['https://shop.test'],
      ipAllowlist: ['10.0.0.0/8'],
      rateLimit: { limit: 5, windowSeconds: 60 },
      rotationDue: null,
    });
  });

  it.each([
    ['origins on a secret key', { allowedOrigins: ['https://shop.test'] }],
    ['an origin with a path', { kind: 'publishable', allowedOrigins: ['https://shop.test/x'] }],
    ['an origin that is a star', { kind: 'publishable', allowedOrigins: ['*'] }],
    ['an address that is none', { ipAllowlist: ['10.0.0.300'] }],
    ['a resource with a slash', { resources: ['a/b'] }],
    ['a limit of zero', { rateLimit: { limit: 0, windowSeconds: 60 } }],
    ['too many resources', { resources: Array.from({ length: 101 }, (_, n) => `r${n}`) }],
  ])('refuses %s', async (_what, json) => {
    expect((await call(keys, { as: as(), json })).status).toBe(400);
  });

  it('a change holds from the next request on, and leaves the rest', async () => {
    const { id, key } = await create({ name: 'old', resources: ['stream_a'] });
    expect((await verify(key)).status).toBe(200);
    const changed = await change(id, { ipAllowlist: ['192.0.2.1'] });
    expect(changed.body).toMatchObject({ name: 'old', resources: ['stream_a'] });
    await expect.poll(async () => (await verify(key)).status).toBe(403);
    expect(await audit('key.changed')).toContain(id);
  });

  it('a change of nothing, of a revoked key, of another app’s key', async () => {
    const { id } = await create();
    expect((await change(id, {})).status).toBe(400);
    await call(`${keys}/${id}`, { method: 'DELETE', as: as() });
    expect((await change(id, { name: 'x' })).status).toBe(409);
    expect((await change('key_000000000000000000000000', { name: 'x' })).status).toBe(404);
  });

  describe('K5, row 7: rotation', () => {
    it('gives a successor with the same settings; both are good during the overlap', async () => {
      const old = await create({ name: 'CI', resources: ['stream_a'], expiresInDays: 30 });
      const { status, body } = await rotate(old.id, { overlapSeconds: 3_600 });
      expect(status).toBe(201);
      expect(body).toMatchObject({ name: 'CI', resources: ['stream_a'], rotatedFrom: old.id });
      expect(body.key).not.toBe(old.key);
      expect([(await verify(old.key)).status, (await verify(body.key)).status]).toEqual([200, 200]);
      const hours = (Date.parse(body.previousEndsAt) - Date.now()) / 3_600_000;
      expect(Math.round(hours)).toBe(1);
      const days = (Date.parse(body.expiresAt) - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(30);
      expect(await audit('key.rotated')).toContain(old.id);
    });

    it('with no overlap ends the old key now', async () => {
      const old = await create();
      const { body } = await rotate(old.id, { overlapSeconds: 0 });
      await expect.poll(async () => (await verify(old.key)).status).toBe(401);
      expect((await verify(body.key)).status).toBe(200);
      const [told] = await auth.deps.db`
        select status from identity.principal_status where kind = 'key' and id = ${old.id}`;
      expect(told).toEqual({ status: 'revoked' });
    });

    it('a key that is rotated while all are revoked leaves no successor behind', async () => {
      for (let round = 0; round < 8; round += 1) {
        const { id } = await create();
        const all = { as: as(), json: { reason: 'leak' } };
        await Promise.all([rotate(id), call(`${keys}/revoke-all`, all)]);
        const left = await auth.deps.db`
          select 1 from auth.api_keys where rotated_from = ${id} and revoked_at is null`;
        expect(left).toHaveLength(0);
      }
    });

    it('never lets the old key live longer than it would have', async () => {
      const old = await create({ expiresInDays: 1 });
      const { body } = await rotate(old.id, { overlapSeconds: 30 * 86_400 });
      expect(Date.parse(body.previousEndsAt)).toBe(Date.parse(old.expiresAt));
    });

    it('twice, or of a revoked key: 409', async () => {
      const old = await create();
      expect((await rotate(old.id)).status).toBe(201);
      expect((await rotate(old.id)).status).toBe(409);
      const gone = await create();
      await call(`${keys}/${gone.id}`, { method: 'DELETE', as: as() });
      expect((await rotate(gone.id)).status).toBe(409);
    });

    it('8 at once make one successor', async () => {
      const old = await create();
      const answers = await Promise.all(Array.from({ length: 8 }, () => rotate(old.id)));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    });

    it('the same Idempotency-Key makes no second key', async () => {
      const old = await create();
      const headers = { 'idempotency-key': `rotate-${old.id}` };
      expect((await rotate(old.id, {}, headers)).status).toBe(201);
      expect((await rotate(old.id, {}, headers)).status).toBe(409);
    });
  });

  it('row 7: all keys of one who made them are revoked at once, then all of the app', async () => {
    const one = await create();
    const other = await create();
    const { db } = auth.deps;
    await db`update auth.api_keys set created_by = 'acc_left' where id = ${other.id}`;
    const all = (json: object) => call(`${keys}/revoke-all`, { as: as(), json });
    expect((await all({ createdBy: 'acc_left' })).body).toEqual({ revoked: 1 });
    await expect.poll(async () => (await verify(other.key)).status).toBe(401);
    expect((await verify(one.key)).status).toBe(200);
    expect((await all({})).body.revoked).toBeGreaterThan(0);
    await expect.poll(async () => (await verify(one.key)).status).toBe(401);
    const live = await db`
      select id from auth.api_keys where app_id = ${auth.seed.app.id} and revoked_at is null`;
    expect(live).toHaveLength(0);
  });

  it('keeps the network of the last use, not the address', async () => {
    const { id, key } = await create();
    await verify(key);
    await auth.deps.lastUsed.flush();
    const [row] = await auth.deps.db<{ ip: string }[]>`
      select last_used_ip_prefix as ip from auth.api_keys where id = ${id}`;
    expect(row?.ip).toBe('127.0.0.0/24');
  });
});
