import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAccountStatus } from '../accounts/change-account.ts';
import { call } from '../testing/call-auth.ts';
import { personToken } from '../testing/person-token.ts';
import { makeAccount } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { acceptInvitation, inviteMember, withdrawInvitation } from './invitations.ts';
import type { Role } from './role.ts';
import {
  changeRole,
  createTeam,
  leaveTeam,
  listInvitations,
  listMembers,
  removeMember,
} from './team-members.ts';

describe('teams', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth();
  });
  afterAll(() => auth.stop());

  let people = 0;
  const person = () => {
    people += 1;
    return makeAccount(auth, { email: `p${people}@team.test`, verified: true });
  };
  const deps = () => ({ db: auth.deps.db });
  const open = async () => {
    const owner = await person();
    const { id: teamId } = await createTeam(deps(), { name: 'Berlin', actor: owner });
    const join = async (role: Role, by = owner) => {
      const email = `${role}@team.test`;
      const invited = await inviteMember(deps(), { teamId, actor: by, email, role });
      if (!invited.ok) throw new Error(invited.code);
      const accountId = await person();
      await acceptInvitation(deps(), { token: invited.value.token, accountId });
      return accountId;
    };
    return { owner, teamId, join };
  };
  const tokenOf = (accountId: string) => personToken(auth, accountId);
  const codeOf = (outcome: { ok: boolean; code?: string }) => (outcome.ok ? 'ok' : outcome.code);

  it('whoever makes one owns it; strangers do not know it', async () => {
    const { owner, teamId } = await open();
    const page = { teamId, limit: 10 };
    const seen = await listMembers(deps(), { ...page, actor: owner });
    expect(seen.ok && seen.value.map(({ role }) => role)).toEqual(['owner']);
    const stranger = await person();
    expect(codeOf(await listMembers(deps(), { ...page, actor: stranger }))).toBe('not_found');
    expect(codeOf(await listInvitations(deps(), { ...page, actor: stranger }))).toBe('not_found');
  });

  describe('invitations', () => {
    it('are taken once, and only their hash is kept', async () => {
      const { owner, teamId } = await open();
      const input = { teamId, actor: owner, email: 'New@Team.test', role: 'developer' as const };
      const invited = await inviteMember(deps(), input);
      if (!invited.ok) throw new Error('refused');
      const { token } = invited.value;
      const [row] = await auth.deps.db<{ text: string }[]>`
        select to_jsonb(i)::text as text from auth.team_invitations i where team_id = ${teamId}`;
      expect(row?.text).toContain('new@team.test');
      expect(row?.text).not.toContain(token);
      const [one, two] = [await person(), await person()];
      const takers = [one, two].map((accountId) => acceptInvitation(deps(), { token, accountId }));
      const codes = (await Promise.all(takers)).map(codeOf).sort();
      expect(codes).toEqual(['not_found', 'ok']);
    });

    it('end after a week, and a new one to the same address ends the old', async () => {
      const { owner, teamId } = await open();
      const invite = async () => {
        const input = { teamId, actor: owner, email: 'x@team.test', role: 'viewer' as const };
        const invited = await inviteMember(deps(), input);
        return invited.ok ? invited.value.token : '';
      };
      const [first, second] = [await invite(), await invite()];
      const accountId = await person();
      expect(codeOf(await acceptInvitation(deps(), { token: first, accountId }))).toBe('not_found');
      await auth.deps.db`
        update auth.team_invitations set expires_at = now() where team_id = ${teamId}`;
      expect(codeOf(await acceptInvitation(deps(), { token: second, accountId }))).toBe(
        'not_found',
      );
    });

    it('withdrawn, or sent by somebody who was taken out since, are worth nothing', async () => {
      const { owner, teamId, join } = await open();
      const admin = await join('admin');
      const viewer = await join('viewer');
      const invite = async (actor: string, email: string) => {
        const sent = await inviteMember(deps(), { teamId, actor, email, role: 'viewer' });
        if (!sent.ok) throw new Error(sent.code);
        return sent.value;
      };
      const accept = async (token: string) =>
        codeOf(await acceptInvitation(deps(), { token, accountId: await person() }));
      const [own, other, kept] = [
        await invite(admin, 'second-self@team.test'),
        await invite(owner, 'mistyped@team.test'),
        await invite(owner, 'kept@team.test'),
      ];
      const at = { teamId, invitationId: other.id };
      expect(codeOf(await withdrawInvitation(deps(), { ...at, actor: viewer }))).toBe(
        'insufficient_scope',
      );
      expect(codeOf(await withdrawInvitation(deps(), { ...at, actor: await person() }))).toBe(
        'not_found',
      );
      expect(codeOf(await withdrawInvitation(deps(), { ...at, actor: owner }))).toBe('ok');
      expect(codeOf(await withdrawInvitation(deps(), { ...at, actor: owner }))).toBe('not_found');
      await removeMember(deps(), { teamId, actor: owner, accountId: admin });
      expect(await accept(own.token)).toBe('not_found');
      expect(await accept(other.token)).toBe('not_found');
      expect(await accept(kept.token)).toBe('ok');
    });

    it.each(['demoted', 'suspended', 'not an owner any more'])(
      'sent by somebody who is %s since, are worth nothing',
      async (since) => {
        const { owner, teamId, join } = await open();
        const sender = await join('owner');
        const asOwner = { teamId, actor: sender, email: 'again@team.test', role: 'owner' as const };
        const sent = await inviteMember(deps(), asOwner);
        if (!sent.ok) throw new Error(sent.code);
        const demote = { teamId, actor: owner, accountId: sender };
        const by = { accountId: sender, status: 'suspended' as const, actor: 'test' };
        if (since === 'suspended') await setAccountStatus(auth.deps, by);
        else {
          const role = since === 'demoted' ? 'viewer' : 'admin';
          await changeRole(deps(), { ...demote, role });
        }
        const taken = { token: sent.value.token, accountId: await person() };
        expect(codeOf(await acceptInvitation(deps(), taken))).toBe('not_found');
      },
    );

    it('make no member of somebody who is suspended', async () => {
      const { owner, teamId } = await open();
      const input = { teamId, actor: owner, email: 'z@team.test', role: 'viewer' as const };
      const sent = await inviteMember(deps(), input);
      if (!sent.ok) throw new Error(sent.code);
      const accountId = await person();
      await setAccountStatus(auth.deps, { accountId, status: 'suspended', actor: 'test' });
      const taken = { token: sent.value.token, accountId };
      expect(codeOf(await acceptInvitation(deps(), taken))).toBe('not_found');
    });

    it('nobody’s mailbox is filled, whoever invites and by whichever team', async () => {
      const limited = await startTestAuth({ RATE_LIMIT_FACTOR: '1' });
      try {
        const invite = async () => {
          const owner = await makeAccount(limited, { email: `o${people++}@team.test` });
          const { id } = await createTeam(limited.deps, { name: 'Spam', actor: owner });
          const as = await personToken(limited, owner);
          const json = { email: 'Victim@else.test', role: 'viewer' };
          return (await call(`${limited.url}/api/v1/teams/${id}/invitations`, { as, json })).status;
        };
        const statuses: number[] = [];
        for (let index = 0; index < 6; index += 1) statuses.push(await invite());
        expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
      } finally {
        await limited.stop();
      }
    });

    it.each([
      ['admin', 'viewer', 'ok'],
      ['admin', 'owner', 'insufficient_scope'],
      ['developer', 'viewer', 'insufficient_scope'],
      ['billing', 'viewer', 'insufficient_scope'],
      ['viewer', 'viewer', 'insufficient_scope'],
    ] as const)('%s invites %s: %s', async (by, role, code) => {
      const { teamId, join } = await open();
      const actor = await join(by);
      const input = { teamId, actor, email: 'y@team.test', role };
      expect(codeOf(await inviteMember(deps(), input))).toBe(code);
    });
  });

  describe('the last owner', () => {
    it('can neither leave nor be demoted nor be removed', async () => {
      const { owner, teamId, join } = await open();
      const admin = await join('admin');
      expect(codeOf(await leaveTeam(deps(), { teamId, actor: owner }))).toBe('last_owner');
      const demote = { teamId, actor: owner, accountId: owner, role: 'viewer' as const };
      expect(codeOf(await changeRole(deps(), demote))).toBe('last_owner');
      const remove = { teamId, actor: admin, accountId: owner };
      expect(codeOf(await removeMember(deps(), remove))).toBe('last_owner');
    });

    it('two who leave at once: one stays', async () => {
      const { owner, teamId, join } = await open();
      const second = await join('owner');
      const codes = await Promise.all(
        [owner, second].map(async (actor) => codeOf(await leaveTeam(deps(), { teamId, actor }))),
      );
      expect(codes.sort()).toEqual(['last_owner', 'ok']);
    });
  });

  it('only an owner makes or unmakes owners', async () => {
    const { owner, teamId, join } = await open();
    const [admin, second] = [await join('admin'), await join('owner')];
    const promote = { teamId, accountId: admin, role: 'owner' as const };
    expect(codeOf(await changeRole(deps(), { ...promote, actor: admin }))).toBe(
      'insufficient_scope',
    );
    const remove = { teamId, accountId: second };
    expect(codeOf(await removeMember(deps(), { ...remove, actor: admin }))).toBe(
      'insufficient_scope',
    );
    expect(codeOf(await changeRole(deps(), { ...promote, actor: owner }))).toBe('ok');
  });

  it.each([
    ['members', 'accountId', 'members'],
    ['invitations', 'id', 'invitations'],
    ['apps', 'id', 'apps'],
  ])(
    '%s are read to the end by pages, while somebody leaves and others come',
    async (list, id, of) => {
      const { owner, teamId, join } = await open();
      const as = await tokenOf(owner);
      const at = (path: string) => `${auth.url}/api/v1/teams/${teamId}/${path}`;
      const invite = (email: string) => call(at('invitations'), { as, json: { email } });
      for (const name of ['one', 'two', 'three']) {
        await join('viewer');
        await invite(`${name}@pages.test`);
        await call(at('apps'), { as, json: { name } });
      }
      const read = async (query: string) => (await call(at(`${list}?${query}`), { as })).body;
      const idsOf = (body: Record<string, Record<string, string>[]>) =>
        (body[of] ?? []).map((item) => item[id]);
      const all = idsOf(await read('limit=1000'));
      const first = await read('limit=2');
      await call(at(`members/${all[1]}`), { method: 'DELETE', as });
      const rest = await read(`after=${first.next.after}`);
      expect([...idsOf(first), ...idsOf(rest)]).toEqual(all);
      expect(all.length).toBeGreaterThan(2);
      expect(rest.next).toBeNull();
      expect((await call(at(`${list}?after=elsewhere`), { as })).status).toBe(400);
    },
  );

  describe('an app of a team, through the API', () => {
    const setUp = async () => {
      const team = await open();
      const as = await tokenOf(team.owner);
      const url = `${auth.url}/api/v1/teams/${team.teamId}/apps`;
      const { body, status } = await call(url, { as, json: { name: 'shop' } });
      expect(status).toBe(201);
      return { ...team, appId: body.app.id as string };
    };
    const app = (appId: string, path: string) => `${auth.url}/api/v1/apps/${appId}/${path}`;

    it.each([
      ['owner', { users: 200, keys: 201, audit: 200 }],
      ['admin', { users: 200, keys: 201, audit: 200 }],
      ['developer', { users: 200, keys: 201, audit: 403 }],
      ['billing', { users: 403, keys: 403, audit: 403 }],
      ['viewer', { users: 200, keys: 403, audit: 403 }],
    ] as const)('%s may do what the role says', async (role, expected) => {
      const { appId, join } = await setUp();
      const as = await tokenOf(await join(role));
      expect({
        users: (await call(app(appId, 'users'), { as })).status,
        keys: (await call(app(appId, 'keys'), { as, json: {} })).status,
        audit: (await call(app(appId, 'audit'), { as })).status,
      }).toEqual(expected);
    });

    it.each([
      ['admin', { signs: 201, keys: 201 }],
      ['developer', { signs: 403, keys: 201 }],
      ['billing', { signs: 403, keys: 403 }],
      ['viewer', { signs: 403, keys: 403 }],
    ] as const)('%s makes machines that may do what the role may give', async (role, expected) => {
      const { appId, join } = await setUp();
      const as = await tokenOf(await join(role));
      const make = async (scope: string) => {
        const json = { name: 'CI', kind: 'machine', scopes: [scope] };
        return (await call(app(appId, 'clients'), { as, json })).status;
      };
      expect({ signs: await make('sign:job'), keys: await make('keys:write') }).toEqual(expected);
    });

    it('S35: strangers and members of other teams find no such app', async () => {
      const { appId } = await setUp();
      const other = await open();
      for (const accountId of [await person(), other.owner]) {
        const as = await tokenOf(accountId);
        expect((await call(app(appId, 'users'), { as })).status).toBe(404);
      }
    });

    it('a member who is removed may do nothing at the next request; the keys made are due', async () => {
      const { owner, teamId, appId, join } = await setUp();
      const developer = await join('developer');
      const as = await tokenOf(developer);
      const { body: key } = await call(app(appId, 'keys'), { as, json: { name: 'CI' } });
      const url = `${auth.url}/api/v1/teams/${teamId}/members/${developer}`;
      const removed = await call(url, { method: 'DELETE', as: await tokenOf(owner) });
      expect(removed.body).toEqual({ keysDue: [key.id], clientsDue: [] });
      expect((await call(app(appId, 'users'), { as })).status).toBe(404);
      const listed = await call(app(appId, 'keys'), { as: await tokenOf(owner) });
      expect(listed.body.keys[0]).toMatchObject({
        id: key.id,
        revokedAt: null,
        rotationDue: { reason: 'made by a member who left' },
      });
      const rotate = app(appId, `keys/${key.id}/rotate`);
      await call(rotate, { as: await tokenOf(owner), json: {} });
      const after = await call(app(appId, 'keys'), { as: await tokenOf(owner) });
      expect(
        after.body.keys.every((one: { rotationDue: unknown }) => one.rotationDue === null),
      ).toBe(true);
    });

    it('the secrets of clients that a removed member was shown are due, until they are replaced', async () => {
      const { owner, teamId, appId, join } = await setUp();
      const developer = await join('developer');
      const as = await tokenOf(developer);
      const { body: made } = await call(app(appId, 'clients'), { as, json: { name: 'Shop' } });
      const { body: other } = await call(app(appId, 'clients'), {
        as: await tokenOf(owner),
        json: { name: 'Not theirs' },
      });
      const url = `${auth.url}/api/v1/teams/${teamId}/members/${developer}`;
      const removed = await call(url, { method: 'DELETE', as: await tokenOf(owner) });
      expect(removed.body.clientsDue).toEqual([made.clientId]);
      const dueOf = async () => {
        const { body } = await call(app(appId, 'clients'), { as: await tokenOf(owner) });
        const lines = body.clients as { id: string; rotationDue: { reason: string } | null }[];
        return lines.filter((one) => one.rotationDue !== null).map(({ id }) => id);
      };
      expect(await dueOf()).toEqual([made.clientId]);
      expect(await dueOf()).not.toContain(other.clientId);
      const secret = app(appId, `clients/${made.clientId}/secret`);
      expect((await call(secret, { as: await tokenOf(owner), json: {} })).status).toBe(201);
      expect(await dueOf()).toEqual([]);
    });

    it('an operator’s account has the operator’s powers, a suspended account none', async () => {
      const { appId } = await setUp();
      const operator = await person();
      const { db } = auth.deps;
      await db`update auth.accounts set is_operator = true where id = ${operator}`;
      const as = await tokenOf(operator);
      expect((await call(app(appId, 'users'), { as })).status).toBe(200);
      expect((await call(`${auth.url}/api/v1/admin/apps`, { as })).status).toBe(200);
      await db`update auth.accounts set status = 'suspended' where id = ${operator}`;
      expect((await call(app(appId, 'users'), { as })).status).toBe(401);
    });

    it('teams are for people: an app’s own client is refused there', async () => {
      const answer = await call(`${auth.url}/api/v1/teams`, { as: auth.seed.machine });
      expect(answer.status).toBe(403);
    });
  });
});
