import { connectDatabase, type Sql } from '@clearinghouse/shared';
import { createTestDatabase, type TestDatabase } from '@clearinghouse/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeIdentity } from './change-identity.ts';
import { findStopped, IDENTITY_CHANNEL, type IdentityChange } from './principal-status.ts';

const APP = `app_${'a'.repeat(24)}`;

describe('changes of identities', () => {
  let database: TestDatabase;
  let db: Sql;
  let announced: IdentityChange[] = [];
  const deps = () => ({
    db,
    announce: (changes: readonly IdentityChange[]) => void announced.push(...changes),
  });

  beforeAll(async () => {
    database = await createTestDatabase();
    db = connectDatabase({ url: database.url('auth_app'), applicationName: 'test' });
  });
  beforeEach(() => {
    announced = [];
  });
  afterAll(async () => {
    await db.end();
    await database.drop();
  });

  const setStatus = (id: string, status: IdentityChange['status']) =>
    changeIdentity(deps(), async (_tx, record) => {
      record({ kind: 'user', id, appId: APP, status });
    });

  it('contracts 6: commits the row and the status together, then tells', async () => {
    await changeIdentity(deps(), async (tx, record) => {
      await tx`insert into auth.apps (id, name) values (${APP}, 'one')`;
      record({ kind: 'app', id: APP, appId: APP, status: 'active' });
      expect(announced).toEqual([]);
    });
    const rows = await db`select kind, id, app_id, status from identity.principal_status`;
    expect(rows).toEqual([{ kind: 'app', id: APP, app_id: APP, status: 'active' }]);
    expect(announced).toEqual([{ kind: 'app', id: APP, appId: APP, status: 'active' }]);
  });

  it('contracts 6: a rollback leaves neither, and tells nobody', async () => {
    const other = `app_${'b'.repeat(24)}`;
    const failing = changeIdentity(deps(), async (tx, record) => {
      await tx`insert into auth.apps (id, name) values (${other}, 'two')`;
      record({ kind: 'app', id: other, appId: other, status: 'active' });
      throw new Error('later step failed');
    });
    await expect(failing).rejects.toThrow('later step failed');
    const apps = await db`select 1 from auth.apps where id = ${other}`;
    const statuses = await db`select 1 from identity.principal_status where id = ${other}`;
    expect([apps.length, statuses.length, announced.length]).toEqual([0, 0, 0]);
  });

  it('a status that cannot be written undoes the change', async () => {
    const other = `app_${'c'.repeat(24)}`;
    const failing = changeIdentity(deps(), async (tx, record) => {
      await tx`insert into auth.apps (id, name) values (${other}, 'three')`;
      record({ kind: 'app', id: '', appId: other, status: 'active' });
    });
    await expect(failing).rejects.toMatchObject({ code: '23514' });
    expect(await db`select 1 from auth.apps where id = ${other}`).toHaveLength(0);
  });

  it('revoked is final, whatever is recorded later', async () => {
    await setStatus('usr_final', 'revoked');
    await expect(setStatus('usr_final', 'active')).rejects.toMatchObject({ code: '23514' });
    await setStatus('usr_final', 'revoked');
    expect(await findStopped(db, [{ kind: 'user', id: 'usr_final' }])).toEqual([
      { kind: 'user', id: 'usr_final', status: 'revoked' },
    ]);
  });

  it('suspends and lets go on', async () => {
    await setStatus('usr_paused', 'suspended');
    expect(await findStopped(db, [{ kind: 'user', id: 'usr_paused' }])).toHaveLength(1);
    await setStatus('usr_paused', 'active');
    expect(await findStopped(db, [{ kind: 'user', id: 'usr_paused' }])).toHaveLength(0);
  });

  it('names only those that were asked for, kind and id together', async () => {
    const refs = [
      { kind: 'app', id: 'usr_final' },
      { kind: 'user', id: 'usr_unknown' },
    ] as const;
    expect(await findStopped(db, refs)).toEqual([]);
  });

  it('notifies other replicas when it commits', async () => {
    const heard = Promise.withResolvers<string>();
    const listening = await db.listen(IDENTITY_CHANNEL, heard.resolve);
    await setStatus('usr_heard', 'suspended');
    expect(JSON.parse(await heard.promise)).toEqual({
      changes: [{ kind: 'user', id: 'usr_heard', appId: APP, status: 'suspended' }],
    });
    await listening.unlisten();
  });

  it.each([
    ['auth_app may not forget a revocation', 'auth_app', 'delete from identity.principal_status'],
    ['billing_app may only read', 'billing_app', "update identity.principal_status set id = 'x'"],
    ['billing_app sees nothing else', 'billing_app', 'select * from auth.apps'],
    ['auth_app may not edit the audit log', 'auth_app', "update auth.audit_log set actor = 'x'"],
    ['auth_app may not empty the audit log', 'auth_app', 'delete from auth.audit_log'],
  ] as const)('%s', async (_name, role, statement) => {
    const own = connectDatabase({ url: database.url(role), applicationName: 'test' });
    await expect(own.unsafe(statement)).rejects.toMatchObject({ code: '42501' });
    await own.end();
  });

  it('billing_app reads statuses', async () => {
    const own = connectDatabase({ url: database.url('billing_app'), applicationName: 'test' });
    expect(await own`select 1 from identity.principal_status`).not.toHaveLength(0);
    await own.end();
  });
});
