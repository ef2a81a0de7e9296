import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Credentials, call } from '../testing/call-auth.ts';
import { type MailFolder, makeMailFolder } from '../testing/mail-folder.ts';
import { personToken } from '../testing/person-token.ts';
import { makeAccount, redeem, refresh, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { acceptInvitation } from './invitations.ts';

const REDIRECT = 'https://client.example/cb';

describe('people and teams, for the operator', () => {
  let auth: TestAuth;
  let mails: MailFolder;
  let people = 0;
  beforeAll(async () => {
    mails = await makeMailFolder();
    auth = await startTestAuth({ MAIL_DIR: mails.path });
  });
  afterAll(async () => {
    await auth.stop();
    await mails.remove();
  });

  const admin = (path: string) => `${auth.url}/api/v1/admin/${path}`;
  const ask = (path: string, options: Partial<Parameters<typeof call>[1]> = {}) =>
    call(admin(path), { as: auth.seed.admin as Credentials, ...options });
  const person = () => {
    people += 1;
    return makeAccount(auth, { email: `o${people}@people.test`, verified: true });
  };
  const team = async (ownerId: string, name = 'Berlin') =>
    (await ask('teams', { json: { name, ownerId } })).body.id as string;
  const setRole = (teamId: string, accountId: string, role: string) =>
    ask(`teams/${teamId}/members/${accountId}`, { method: 'PUT', json: { role } });
  const remove = (teamId: string, accountId: string) =>
    ask(`teams/${teamId}/members/${accountId}`, { method: 'DELETE' });
  const rolesOf = async (teamId: string) => {
    const { body } = await ask(`teams/${teamId}`);
    const members = body.members as { accountId: string; role: string }[];
    return Object.fromEntries(members.map(({ accountId, role }) => [accountId, role]));
  };

  it('a team whose only owner is gone gets another one', async () => {
    const [gone, next] = [await person(), await person()];
    const teamId = await team(gone);
    expect((await remove(teamId, gone)).body.code).toBe('last_owner');
    expect((await setRole(teamId, gone, 'viewer')).body.code).toBe('last_owner');
    expect((await setRole(teamId, next, 'owner')).status).toBe(200);
    expect((await remove(teamId, gone)).body).toEqual({ keysDue: [], clientsDue: [] });
    expect(await rolesOf(teamId)).toEqual({ [next]: 'owner' });
  });

  describe('a team’s first owner by address', () => {
    const create = (json: object) => ask('teams', { json: { name: 'By address', ...json } });

    it('is the person whose account has shown the address to be theirs', async () => {
      const accountId = await person();
      const { body } = await create({ ownerEmail: `O${people}@people.test` });
      expect(body).toMatchObject({ ownerId: accountId, invitation: null });
      expect(await rolesOf(body.id)).toEqual({ [accountId]: 'owner' });
    });

    it.each([
      ['nobody here has', undefined],
      ['an account claims and never proved', { email: 'claimed@people.test', verified: false }],
    ])('that %s is invited by mail, once', async (_who, claim) => {
      const claimant = claim && (await makeAccount(auth, claim));
      const email = claim?.email ?? 'new@people.test';
      const { body, text } = await create({ ownerEmail: email });
      const { ownerId, invitation } = body;
      expect([ownerId, invitation.id]).toEqual([null, expect.stringMatching(/^inv_/)]);
      expect([await rolesOf(body.id), text.includes('lp_iv_')]).toEqual([{}, false]);
      const [token] = /lp_iv_\w+/.exec(await mails.take(email)) ?? [''];
      const accountId = claimant ?? (await person());
      const accept = () => acceptInvitation({ db: auth.deps.db }, { token, accountId });
      expect([(await accept()).ok, (await accept()).ok]).toEqual([true, false]);
      expect(await rolesOf(body.id)).toEqual({ [accountId]: 'owner' });
    });

    it.each([
      [{}],
      [{ ownerEmail: 'no address' }],
      [{ ownerId: 'acc_1', ownerEmail: 'x@people.test' }],
    ])('is one, and told: %j', async (owner) => {
      const { status, body } = await create(owner);
      expect([status, body.code]).toEqual([400, 'invalid_request']);
    });
  });

  it('two removals of the last two owners at once leave one', async () => {
    const [one, two] = [await person(), await person()];
    const teamId = await team(one);
    await setRole(teamId, two, 'owner');
    const answers = await Promise.all([remove(teamId, one), remove(teamId, two)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(Object.values(await rolesOf(teamId))).toEqual(['owner']);
  });

  it('teams are listed by pages, and found by a part of their name', async () => {
    const owner = await person();
    for (const name of ['Köln one', 'Köln two', 'Köln three']) await team(owner, name);
    const { body } = await ask(`teams?name=${encodeURIComponent('köln')}&limit=2`);
    expect(body.teams.map(({ name }: { name: string }) => name)).toEqual(['Köln one', 'Köln two']);
    const rest = await ask(`teams?name=${encodeURIComponent('köln')}&after=${body.next.after}`);
    expect(rest.body.teams.map(({ name }: { name: string }) => name)).toEqual(['Köln three']);
    expect(rest.body.next).toBeNull();
    expect(rest.body.teams[0]).toMatchObject({ memberCount: 1, appCount: 0 });
  });

  it('an app goes to a team and back; the log says so, with the request', async () => {
    const teamId = await team(await person());
    const move = (to: string | null) =>
      ask(`apps/${auth.seed.app.id}/team`, { method: 'PUT', json: { teamId: to } });
    expect((await move(teamId)).status).toBe(200);
    const { body } = await ask(`teams/${teamId}`);
    expect(body.apps).toMatchObject([{ id: auth.seed.app.id }]);
    expect((await move('team_000000000000000000000000')).status).toBe(404);
    expect((await move(null)).status).toBe(200);
    const log = await ask('audit?limit=5');
    const moved = log.body.entries.find(
      ({ action }: { action: string }) => action === 'app.team_changed',
    );
    expect(moved).toMatchObject({ target: auth.seed.app.id, requestId: expect.any(String) });
  });

  it('what the people who lose an app were shown of it is due for rotation', async () => {
    const [stays, leaves] = [await person(), await person()];
    const [from, to] = [await team(stays), await team(stays)];
    await setRole(from, leaves, 'admin');
    const appId = auth.seed.app.id;
    const move = (teamId: string | null) =>
      ask(`apps/${appId}/team`, { method: 'PUT', json: { teamId } });
    await move(from);
    const made = async (by: string) => {
      const as = await personToken(auth, by);
      const at = (what: string) => `${auth.url}/api/v1/apps/${appId}/${what}`;
      const key = await call(at('keys'), { as, json: { name: 'CI' } });
      const client = await call(at('clients'), { as, json: { name: 'Shop' } });
      return { key: key.body.id as string, client: client.body.clientId as string };
    };
    await made(stays);
    const seen = await made(leaves);
    expect((await move(to)).body).toEqual({ keysDue: [seen.key], clientsDue: [seen.client] });
    await move(null);
  });

  it('what is done in a team is told with its request too', async () => {
    const teamId = await team(await person());
    const member = await person();
    await setRole(teamId, member, 'developer');
    const [row] = await auth.deps.db`
      select actor, request_id from auth.audit_log
      where action = 'team.member_added' and target = ${member}`;
    expect(row).toMatchObject({ request_id: expect.any(String) });
  });

  it('a person is found by address and shown without a secret', async () => {
    const accountId = await person();
    await team(accountId, 'Only theirs');
    const found = await ask(`accounts?email=O${people}@People.test`);
    expect(found.body.accounts.map(({ id }: { id: string }) => id)).toEqual([accountId]);
    const { body, text } = await ask(`accounts/${accountId}`);
    expect(body).toMatchObject({
      isEmailVerified: true,
      passkeyCount: 0,
      sessionCount: 0,
      teams: [{ name: 'Only theirs', role: 'owner' }],
    });
    expect(text).not.toMatch(/argon|hash/i);
    expect((await ask('accounts?limit=2')).body.next).not.toBeNull();
  });

  it('a suspended person is signed out everywhere, and comes back when let', async () => {
    const accountId = await person();
    const client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    const metadata = auth.deps.db.json({ redirect_uris: [REDIRECT] });
    await auth.deps
      .db`update auth.clients set metadata = ${metadata} where id = ${client.clientId}`;
    const tokens = await redeem(auth, await signIn(auth, { ...client, accountId }), client);
    const set = (json: object) => ask(`accounts/${accountId}`, { method: 'PATCH', json });
    expect((await set({ status: 'suspended' })).body.status).toBe('suspended');
    expect((await refresh(auth, tokens.body.refresh_token, client)).status).toBe(400);
    expect((await ask(`accounts/${accountId}`)).body.sessionCount).toBe(0);
    expect((await set({ status: 'active' })).body.status).toBe('active');
    const again = await redeem(auth, await signIn(auth, { ...client, accountId }), client);
    expect(again.status).toBe(200);
  });

  it('makes and unmakes operators', async () => {
    const accountId = await person();
    const set = (isOperator: boolean) =>
      ask(`accounts/${accountId}`, { method: 'PATCH', json: { isOperator } });
    expect((await set(true)).body.isOperator).toBe(true);
    expect((await set(false)).body.isOperator).toBe(false);
    const rows = await auth.deps.db`
      select action from auth.audit_log where target = ${accountId} order by occurred_at, id`;
    expect(rows.map(({ action }) => action)).toEqual([
      'account.operator_made',
      'account.operator_unmade',
    ]);
  });

  it.each([
    ['teams', {}],
    ['accounts', {}],
    ['teams', { json: { name: 'x', ownerId: 'acc_1' } }],
  ])('is nothing for an app’s own client: %s', async (path, options) => {
    const answer = await ask(path, { ...options, as: auth.seed.machine });
    expect(answer.status).toBe(403);
  });

  it.each([
    ['teams/team_000000000000000000000000', {}],
    ['accounts/acc_000000000000000000000000', {}],
    ['teams', { json: { name: 'x', ownerId: 'acc_000000000000000000000000' } }],
    ['accounts/acc_000000000000000000000000', { method: 'PATCH', json: { status: 'active' } }],
  ])('what is not there is not found: %s', async (path, options) => {
    expect((await ask(path, options)).status).toBe(404);
  });
});
