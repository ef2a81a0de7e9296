import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Credentials, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { newAdminSecret, startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('administration', () => {
  let auth: TestAuth;
  let apps: string;
  beforeAll(async () => {
    auth = await startTestAuth();
    apps = `${auth.url}/api/v1/admin/apps`;
  });
  afterAll(() => auth.stop());

  const create = (name: string, key: string = randomUUID()) =>
    call(apps, { as: auth.seed.admin, json: { name }, headers: { 'idempotency-key': key } });
  const works = async (as: Credentials) => {
    const form = { grant_type: 'client_credentials', scope: 'sign:job' };
    return (await call(`${auth.url}${TOKEN_PATH}`, { as, form })).status === 200;
  };

  it('creates an app with its two clients; the secret works and is shown this once', async () => {
    const { status, body } = await create('Shop');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      app: { id: expect.stringMatching(/^app_[0-9a-f]{24}$/), name: 'Shop', status: 'active' },
      publicClientId: body.app.id,
      machine: { clientSecret: expect.stringMatching(/^lp_cs_/) },
    });
    expect(await works(body.machine)).toBe(true);
    const rows = await auth.deps.db`
      select kind, id, status from identity.principal_status where app_id = ${body.app.id}
      order by kind, id`;
    expect(rows.map(({ kind, status: state }) => `${kind} ${state}`)).toEqual([
      'app active',
      'client active',
      'client active',
    ]);
  });

  it('repeats the answer for the same key, without the secret', async () => {
    const key = randomUUID();
    const first = await create('Twice', key);
    const again = await create('Twice', key);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    const { clientSecret, ...machine } = first.body.machine;
    expect(again.body).toEqual({ ...first.body, machine });
    expect(again.text).not.toContain(clientSecret);
  });

  it('makes one app of 8 requests at once with one key', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => create('Race', key)));
    expect(new Set(answers.map(({ body }) => body.app.id)).size).toBe(1);
    const secrets = answers.filter(({ body }) => body.machine.clientSecret !== undefined);
    expect(secrets).toHaveLength(1);
    const rows = await auth.deps.db`select 1 from auth.apps where name = 'Race'`;
    expect(rows).toHaveLength(1);
  });

  it('refuses the same key for another request, and none at all', async () => {
    const key = randomUUID();
    await create('One', key);
    const other = await create('Two', key);
    expect([other.status, other.body.error]).toEqual([409, 'idempotency_mismatch']);
    const none = await call(apps, { as: auth.seed.admin, json: { name: 'Three' } });
    expect([none.status, none.body.error]).toEqual([400, 'idempotency_key_required']);
  });

  it('rotates a secret with an overlap', async () => {
    const { body } = await create('Rotate');
    const url = `${apps}/${body.app.id}/clients/${body.machine.clientId}/secret`;
    const rotate = (overlapSeconds: number) =>
      call(url, { as: auth.seed.admin, json: { overlapSeconds } });
    const second = await rotate(60);
    expect(await works(body.machine)).toBe(true);
    expect(await works(second.body)).toBe(true);
    const third = await rotate(0);
    expect(await works(second.body)).toBe(false);
    expect(await works(third.body)).toBe(true);
  });

  it.each([
    ['the public client', (id: string) => [id, id]],
    ['a client of another app', (id: string) => [id, auth.seed.machine.clientId]],
    ['an unknown client', (id: string) => [id, `m2m_${'0'.repeat(24)}`]],
  ])('has no secret to rotate for %s', async (_name, pick) => {
    const { body } = await create('None');
    const [app, client] = pick(body.app.id);
    const url = `${apps}/${app}/clients/${client}/secret`;
    expect((await call(url, { as: auth.seed.admin, json: {} })).status).toBe(404);
  });

  it('lists apps, and knows none that is not there', async () => {
    const { body } = await call(apps, { as: auth.seed.admin });
    expect(body.apps[0]).toMatchObject({ id: auth.seed.app.id, status: 'active' });
    const url = `${apps}/app_${'0'.repeat(24)}/status`;
    const json = { status: 'suspended' };
    expect((await call(url, { method: 'PUT', as: auth.seed.admin, json })).status).toBe(404);
  });

  it('a lost administrator is replaced by the command, and the old secret ends', async () => {
    const before = { ...auth.seed.admin };
    const after = await newAdminSecret(auth);
    expect(after.clientId).toBe(before.clientId);
    expect((await call(apps, { as: before })).status).toBe(401);
    expect((await call(apps, { as: after })).status).toBe(200);
    Object.assign(auth.seed.admin, after);
  });
});
