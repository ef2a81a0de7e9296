import { connectDatabase, createLog, type Sql } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { purgeOldAudit } from '../commands/purge-audit.ts';
import { call } from '../testing/call-auth.ts';
import { newAdminSecret, startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { tryLockSeals } from './audit-store.ts';
import { toCsv } from './read-audit.ts';
import { recordAudit } from './record-audit.ts';
import { sealAudit, startSealing } from './seal-audit.ts';
import { verifyAudit } from './verify-audit.ts';

describe('the audit log', () => {
  let auth: TestAuth;
  let owner: Sql;
  beforeAll(async () => {
    auth = await startTestAuth();
    owner = connectDatabase({ url: auth.database.url('auth_owner'), applicationName: 'owner' });
  });
  afterAll(async () => {
    await owner.end();
    await auth.stop();
  });

  const db = () => auth.deps.db;
  const write = (action: string, detail: Record<string, string | number> = {}) =>
    recordAudit(db(), { action, actor: 'test', appId: auth.seed.app.id, detail });
  /** Seals until nothing is left; another replica may be at it too. */
  const sealAll = () =>
    expect
      .poll(async () => {
        await sealAudit({ db: db() });
        const [row] = await db()<{ left: number }[]>`
        select count(*)::int as left from auth.audit_log l
        where not exists (select from auth.audit_seals s where s.entry_id = l.id)`;
        return row?.left;
      })
      .toBe(0);

  it('is sealed as a chain that proves itself', async () => {
    await write('one', { count: 1, text: 'é "x"' });
    await write('two');
    await sealAll();
    const proof = await verifyAudit({ db: db() });
    expect(proof.faults).toEqual([]);
    expect(proof.sealed).toBeGreaterThanOrEqual(2);
    expect(proof.head).toMatch(/^[0-9a-f]{64}$/);
  });

  it('an entry of a transaction that is still open is sealed when it is over', async () => {
    const before = (await verifyAudit({ db: db() })).sealed;
    let finish: () => void = () => undefined;
    const open = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = db().begin(async (tx) => {
      await recordAudit(tx, { action: 'slow', actor: 'test' });
      await open;
    });
    await write('quick');
    await sealAudit({ db: db() });
    finish();
    await slow;
    await sealAll();
    const proof = await verifyAudit({ db: db() });
    expect(proof.faults).toEqual([]);
    expect(proof.sealed).toBe(before + 2);
  });

  it('several replicas that seal at once make one chain', async () => {
    const log = createLog({ service: 'test', level: 'silent' });
    const sealers = [startSealing({ db: db(), log }), startSealing({ db: db(), log })];
    await Promise.all(Array.from({ length: 40 }, (_, index) => write('many', { index })));
    await Promise.all(Array.from({ length: 8 }, () => sealAudit({ db: db() })));
    await sealAll();
    for (const sealer of sealers) await sealer.stop();
    expect((await verifyAudit({ db: db() })).faults).toEqual([]);
  });

  it('the service can neither change nor delete an entry or a seal', async () => {
    for (const table of ['audit_log', 'audit_seals']) {
      const name = db()(`auth.${table}`);
      await expect(db()`delete from ${name}`).rejects.toThrow(/permission denied/);
      await expect(db()`update ${name} set occurred_at = now()`).rejects.toThrow(
        /permission denied/,
      );
    }
    await expect(
      db()`insert into auth.audit_purges (older_than, entries) values (now(), 0)`,
    ).rejects.toThrow(/permission denied/);
  });

  describe('somebody with the owner’s secret who', () => {
    const faultsAfter = async (change: (tx: Sql) => Promise<unknown>) => {
      let faults: readonly { fault: string }[] = [];
      // In a transaction that is undone: the next one finds a whole log.
      await owner
        .begin(async (tx) => {
          await change(tx as never);
          faults = (await verifyAudit({ db: tx as never })).faults;
          throw new Error('undo');
        })
        .catch((error: Error) => expect(error.message).toBe('undo'));
      return [...new Set(faults.map(({ fault }) => fault))];
    };

    it.each([
      [
        'changes an actor',
        (tx: Sql) => tx`update auth.audit_log set actor = 'x' where action = 'one'`,
      ],
      [
        'changes a detail',
        (tx: Sql) => tx`update auth.audit_log set detail = '{"count": 2}' where action = 'one'`,
      ],
      [
        'moves a time',
        (tx: Sql) =>
          tx`update auth.audit_log set occurred_at = occurred_at + interval '1 s' where action = 'one'`,
      ],
      [
        'empties an app',
        (tx: Sql) => tx`update auth.audit_log set app_id = null where action = 'two'`,
      ],
    ])('%s is found', async (_what, change) => {
      expect(await faultsAfter(change)).toContain('changed');
    });

    it('deletes an entry is found', async () => {
      const deleted = (tx: Sql) => tx`delete from auth.audit_log where action = 'one'`;
      expect(await faultsAfter(deleted)).toEqual(['removed']);
    });

    it('deletes an entry with its seal is found', async () => {
      const faults = await faultsAfter(async (tx) => {
        await tx`delete from auth.audit_seals
          where entry_id = (select id from auth.audit_log where action = 'one')`;
        await tx`delete from auth.audit_log where action = 'one'`;
      });
      expect(faults).toContain('seal removed');
    });

    it('cuts the end off is found by whoever kept the head', async () => {
      const { head } = await verifyAudit({ db: db() });
      let after = '';
      await owner
        .begin(async (tx) => {
          await tx`delete from auth.audit_seals where seq = (select max(seq) from auth.audit_seals)`;
          after = (await verifyAudit({ db: tx as never })).head;
          throw new Error('undo');
        })
        .catch(() => undefined);
      expect(after).not.toBe(head);
    });
  });

  it('what is purged for its age leaves a whole chain, and a note of who did it', async () => {
    await owner.begin(async (tx) => {
      // The replica seals too, now and then; it must not build upon a seal that goes here.
      await expect.poll(() => tryLockSeals(tx)).toBe(true);
      await tx`delete from auth.audit_log where actor = 'old'`;
      await tx`delete from auth.audit_seals`;
      // Of a transaction long ago too: an entry as old as this is sealed with the first, or never.
      await tx`
        insert into auth.audit_log (occurred_at, actor, action, written_in)
        values (now() - interval '400 days', 'old', 'old', '3'::xid8)`;
    });
    await sealAll();
    expect(await purgeOldAudit(auth.database.url('auth_owner'), 365)).toEqual({ purged: 1 });
    await sealAll();
    const proof = await verifyAudit({ db: db() });
    expect(proof).toMatchObject({ faults: [], purged: 1 });
    const [note] = await db()`select 1 from auth.audit_log where action = 'audit.purged'`;
    expect(note).toBeDefined();
    await expect(purgeOldAudit(undefined, 365)).rejects.toThrow(/AUTH_OWNER_URL/);
    await expect(purgeOldAudit(auth.database.url('auth_owner'), 1)).rejects.toThrow(/--days/);
  });

  describe('is read', () => {
    const url = (query = '') => `${auth.url}/api/v1/apps/${auth.seed.app.id}/audit${query}`;

    it('by the app’s own, newest first, page by page', async () => {
      for (const action of ['a', 'b', 'c']) await write(`page.${action}`);
      const first = await call(url('?limit=2'), { as: auth.seed.machine });
      expect(first.body.entries.map(({ action }: { action: string }) => action)).toEqual([
        'page.c',
        'page.b',
      ]);
      const next = await call(url(`?limit=1&before=${first.body.next.before}`), {
        as: auth.seed.machine,
      });
      expect(next.body.entries[0].action).toBe('page.a');
    });

    it('by action and time', async () => {
      const { body } = await call(url('?action=page.b'), { as: auth.seed.machine });
      expect(body.entries).toHaveLength(1);
      const none = await call(url('?to=2020-01-01T00:00:00Z'), { as: auth.seed.machine });
      expect(none.body).toEqual({ entries: [], next: null });
      expect((await call(url('?limit=0'), { as: auth.seed.machine })).status).toBe(400);
    });

    it('by the operator over all apps; never by another app (S35)', async () => {
      const admin = await newAdminSecret(auth);
      const all = await call(`${auth.url}/api/v1/admin/audit`, { as: admin });
      expect(all.body.entries.length).toBeGreaterThan(0);
      expect((await call(`${auth.url}/api/v1/admin/audit`, { as: auth.seed.machine })).status).toBe(
        403,
      );
      const other = `${auth.url}/api/v1/apps/app_${'0'.repeat(24)}/audit`;
      expect((await call(other, { as: auth.seed.machine })).status).toBe(404);
    });

    it('as CSV, in which nothing is a formula', async () => {
      const answer = await call(url('?format=csv&limit=1'), { as: auth.seed.machine });
      expect(answer.headers.get('content-type')).toContain('text/csv');
      expect(answer.text.split('\r\n')[0]).toBe(
        'id,occurredAt,appId,actor,action,target,reason,requestId,detail',
      );
      const line = {
        id: 1n,
        occurredAt: new Date(0),
        appId: null,
        actor: '=cmd()',
        action: 'a,"b"',
        target: '@x',
        reason: 'two\nlines',
        requestId: null,
        detail: {},
      };
      expect(toCsv([line]).split('\r\n')[1]).toBe(
        `1,1970-01-01T00:00:00.000Z,,'=cmd(),"a,""b""",'@x,"two\nlines",,{}`,
      );
    });
  });
});
