import { connectDatabase } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('creations with an Idempotency-Key', () => {
  let auth: TestAuth;
  let api: string;
  beforeAll(async () => {
    auth = await startTestAuth();
    api = `${auth.url}/api/v1/apps/${auth.seed.app.id}`;
  });
  afterAll(() => auth.stop());

  const create = (what: string, json: object, key: string) =>
    call(`${api}/${what}`, { as: auth.seed.machine, json, headers: { 'idempotency-key': key } });
  const keysNamed = async (name: string) => {
    const rows = await auth.deps.db`
      select id from auth.api_keys where app_id = ${auth.seed.app.id} and name = ${name}`;
    return rows.length;
  };

  it('of many at once one is made, and the others are told of a conflict', async () => {
    const asks = Array.from({ length: 20 }, () => create('keys', { name: 'once' }, 'parallel'));
    const statuses = (await Promise.all(asks)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    expect(await keysNamed('once')).toBe(1);
  });

  it('what was refused may be asked for again with the same key, corrected', async () => {
    const unknown = await create('keys', { name: 'mend', externalUserId: 'nobody' }, 'mend');
    expect(unknown.status).toBe(404);
    expect((await create('keys', { name: 'mend' }, 'mend')).status).toBe(201);
    expect(await keysNamed('mend')).toBe(1);
  });

  it('the same key for another body is a mismatch, and for another thing is its own', async () => {
    expect((await create('keys', { name: 'one' }, 'shared')).status).toBe(201);
    const other = await create('keys', { name: 'other' }, 'shared');
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_mismatch']);
    expect((await create('clients', { name: 'Site' }, 'shared')).status).toBe(201);
  });

  it('a fault takes the claim back with all else', async () => {
    const url = auth.database.url('auth_owner');
    const owner = connectDatabase({ url, applicationName: 'test', connectionsMax: 1 });
    try {
      await owner.unsafe(`
        create function auth.refuse_entry() returns trigger language plpgsql as
          $$ begin raise exception 'no entry'; end $$;
        create trigger refuse_entry before insert on auth.audit_log
          for each row execute function auth.refuse_entry()`);
      expect((await create('keys', { name: 'fault' }, 'fault')).status).toBe(500);
      expect(await keysNamed('fault')).toBe(0);
    } finally {
      await owner.unsafe(`
        drop trigger refuse_entry on auth.audit_log; drop function auth.refuse_entry()`);
      await owner.end();
    }
    expect((await create('keys', { name: 'fault' }, 'fault')).status).toBe(201);
  });
});
