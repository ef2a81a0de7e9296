import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { findCarers } from '../teams/find-carers.ts';
import { createTeam } from '../teams/team-members.ts';
import { insertMember, updateAppTeam } from '../teams/team-store.ts';
import { call } from '../testing/call-auth.ts';
import { makeAccount } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { type EndingKey, remindOfEnds } from './remind-of-ends.ts';

describe('keys that end soon', () => {
  let auth: TestAuth;
  const sent: { to: string; key: EndingKey }[] = [];
  const people = ['owner', 'developer', 'viewer'] as const;

  beforeAll(async () => {
    auth = await startTestAuth();
    const accounts = new Map<string, string>();
    for (const role of people) {
      const email = `${role}@keys.test`;
      accounts.set(role, await makeAccount(auth, { email, verified: true }));
    }
    const { id: teamId } = await createTeam(auth.deps, {
      name: 'keys',
      actor: accounts.get('owner') ?? '',
    });
    await auth.deps.db.begin(async (tx) => {
      for (const role of ['developer', 'viewer'] as const) {
        await insertMember(tx, { teamId, accountId: accounts.get(role) ?? '', role });
      }
      await updateAppTeam(tx, auth.seed.app.id, teamId);
    });
  });
  afterAll(() => auth.stop());

  const deps = () => ({
    db: auth.deps.db,
    sendReminder: (to: string, key: EndingKey) => void sent.push({ to, key }),
  });
  const endsIn = async (days: number) => {
    const url = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
    const { body } = await call(url, { as: auth.seed.machine, json: { name: `in ${days}` } });
    await auth.deps.db`
      update auth.api_keys set expires_at = now() + make_interval(hours => ${days * 24 - 1})
      where id = ${body.id}`;
    return body.id as string;
  };
  const toldOf = (id: string) =>
    sent.filter(({ key }) => key.id === id).map(({ to, key }) => `${to} ${key.days}`);

  it('row 7: those who look after the app are told 14, 3 and 1 days before, once each', async () => {
    const id = await endsIn(14);
    await endsIn(20);
    for (const hours of [13 * 24, 10 * 24, 2 * 24, 40, 20, 2]) {
      await auth.deps.db`
        update auth.api_keys set expires_at = now() + make_interval(hours => ${hours}) where id = ${id}`;
      await remindOfEnds(deps());
      await remindOfEnds(deps());
    }
    expect(toldOf(id).sort()).toEqual([
      'developer@keys.test 1',
      'developer@keys.test 14',
      'developer@keys.test 3',
      'owner@keys.test 1',
      'owner@keys.test 14',
      'owner@keys.test 3',
    ]);
  });

  it('replicas that look at once tell once', async () => {
    const id = await endsIn(2);
    await Promise.all(Array.from({ length: 6 }, () => remindOfEnds(deps())));
    expect(toldOf(id)).toHaveLength(2);
  });

  it('keys that were told of stand in nobody’s way, however many', async () => {
    const told = await endsIn(2);
    await remindOfEnds(deps());
    await auth.deps.db`
      insert into auth.api_keys
      select (jsonb_populate_record(k, jsonb_build_object(
        'id', 'key_' || lpad(to_hex(n), 24, '0'),
        'key_hmac', '\\x' || encode(sha256(n::text::bytea), 'hex')))).*
      from auth.api_keys k, generate_series(1, ${LIMITS.remindersPerRun}) n where k.id = ${told}`;
    const id = await endsIn(3);
    await remindOfEnds(deps());
    expect(toldOf(id)).toHaveLength(2);
  });

  it('nobody is told of a revoked, a rotated or an ended key', async () => {
    const ids = [await endsIn(3), await endsIn(3), await endsIn(3)];
    const [revoked, rotated, ended] = ids;
    const { db } = auth.deps;
    await db`update auth.api_keys set revoked_at = now() where id = ${revoked ?? ''}`;
    await db`update auth.api_keys set grace_expires_at = now() where id = ${rotated ?? ''}`;
    await db`update auth.api_keys set expires_at = now() where id = ${ended ?? ''}`;
    await remindOfEnds(deps());
    expect(ids.flatMap(toldOf)).toEqual([]);
  });

  it('an app without a team is looked after by the operators', async () => {
    const { db } = auth.deps;
    const operator = await makeAccount(auth, { email: 'op@keys.test', verified: true });
    await db`update auth.accounts set is_operator = true where id = ${operator}`;
    expect(await findCarers(db, auth.seed.app.id)).not.toContain('op@keys.test');
    await db`update auth.apps set team_id = null where id = ${auth.seed.app.id}`;
    expect(await findCarers(db, auth.seed.app.id)).toEqual(['op@keys.test']);
  });
});
