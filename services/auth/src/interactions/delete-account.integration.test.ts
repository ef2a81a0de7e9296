import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operateAccount } from '../accounts/change-account.ts';
import { deleteAccount } from '../accounts/delete-account.ts';
import { claimIdentity } from '../sign-in/claim-identity.ts';
import { insertIdentity } from '../sign-in/identity-store.ts';
import { createTeam, leaveTeam } from '../teams/team-members.ts';
import { REDIRECT } from '../testing/browser.ts';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { type MailFolder, makeMailFolder } from '../testing/mail-folder.ts';
import {
  addPerson,
  atAccount,
  newPersonAtAccount,
  type PeopleAuth,
  startPeopleAuth,
} from '../testing/people.ts';
import { redeem, signIn } from '../testing/sign-in.ts';

const PASSWORD = 'deleted password 1';
const ROUNDS = 8;

describe('deleting an account', () => {
  let auth: PeopleAuth;
  let mails: MailFolder;
  let people = 0;
  beforeAll(async () => {
    mails = await makeMailFolder();
    auth = await startPeopleAuth({ MAIL_DIR: mails.path });
  });
  afterAll(async () => {
    await auth.stop();
    await mails.remove();
  });

  const newPerson = async () => {
    people += 1;
    const email = `leaver${people}@example.org`;
    return newPersonAtAccount(auth, { email, password: PASSWORD });
  };
  const join = (teamId: string, accountId: string, role: string) => auth.deps.db`
    insert into auth.team_members (team_id, account_id, role)
    values (${teamId}, ${accountId}, ${role})`;
  /** What the person holds in the app: tokens of a sign-in, and a key. */
  const hold = async (accountId: string) => {
    const clientId = auth.seed.publicClientId;
    const scope = 'openid email offline_access';
    const at = { clientId, redirectUri: REDIRECT, accountId, scope };
    const { body } = await redeem(auth, await signIn(auth, at), at);
    const keys = `${auth.url}/api/v1/apps/${auth.seed.app.id}/keys`;
    const json = { externalUserId: accountId };
    const made = await call(keys, { as: auth.seed.machine, json });
    const refresh = () =>
      call(`${auth.url}${TOKEN_PATH}`, {
        form: {
          grant_type: 'refresh_token',
          client_id: clientId,
          refresh_token: String(body.refresh_token),
        },
      });
    const exchange = () =>
      call(`${auth.url}/api/pymthouse/keys/exchange`, { json: { apiKey: made.body.key } });
    return { refresh, exchange };
  };

  it('says first what ends, and wants the address typed', async () => {
    const { browser, csrf, email, accountId } = await newPerson();
    expect((await browser.get('/account')).text).toContain('href="/account/delete"');
    const page = await browser.get('/account/delete');
    expect(page.text).toContain('What ends');
    expect(page.text).toContain(email);
    for (const sure of ['', 'yes', 'other@example.org']) {
      const kept = await browser.post('/account/delete', { csrf, sure });
      expect([kept.status, kept.text.includes('Nothing is deleted')]).toEqual([422, true]);
    }
    const forged = await browser.post('/account/delete', { csrf: 'x', sure: email });
    expect(forged.status).toBe(403);
    const [row] = await auth.deps.db`select status from auth.accounts where id = ${accountId}`;
    expect(row).toEqual({ status: 'active' });
  });

  it('needs a sign-in of a moment ago', async () => {
    const { browser, csrf, email } = await newPerson();
    await auth.deps.db`
      update auth.oidc_artifacts set payload = jsonb_set(payload, '{loginTs}', '1')
      where model = 'Session'`;
    expect((await browser.get('/account/delete')).status).toBe(403);
    expect((await browser.post('/account/delete', { csrf, sure: email })).status).toBe(403);
  });

  it('ends sessions, grants and keys at once, and forgets the person', async () => {
    const { browser, csrf, email, accountId } = await newPerson();
    const elsewhere = await atAccount(auth, { email, password: PASSWORD });
    const held = await hold(accountId);
    expect([(await held.refresh()).status, (await held.exchange()).status]).toEqual([200, 200]);
    const wallet = { kind: 'wallet', provider: 'eip155', subject: `0x${'a'.repeat(40)}` } as const;
    await auth.deps.db.begin((tx) => insertIdentity(tx, { ...wallet, accountId, label: 'mine' }));

    const sure = ` ${email.toUpperCase()} `;
    const done = await browser.post('/account/delete', { csrf, sure });
    expect([done.status, done.text.includes('Your account is deleted')]).toEqual([200, true]);
    expect(await mails.take(email)).toContain('is deleted');
    for (const one of [browser, elsewhere.browser]) {
      expect((await one.get('/account')).text).toContain('<h1>Sign in</h1>');
    }
    expect([(await held.refresh()).status, (await held.exchange()).status]).toEqual([400, 401]);
    const dump = JSON.stringify([
      await auth.deps.db`select * from auth.accounts where id = ${accountId}`,
      await auth.deps.db`select * from auth.app_users where account_id = ${accountId}`,
      await auth.deps.db`select * from auth.account_identities where account_id = ${accountId}`,
    ]);
    for (const known of [email, wallet.subject, 'argon2']) expect(dump).not.toContain(known);
    const statuses = await auth.deps.db`
      select s.status from identity.principal_status s
      join auth.app_users u on u.id = s.id and s.kind = 'user' where u.account_id = ${accountId}`;
    expect(statuses).toEqual([{ status: 'revoked' }]);
    const audit = await auth.deps.db`
      select actor from auth.audit_log where action = 'account.deleted' and target = ${accountId}`;
    expect(audit).toEqual([{ actor: accountId }]);

    // Somebody with that address is a new person, and the wallet is free again.
    const again = await addPerson(auth, { email, password: PASSWORD });
    expect(again).not.toBe(accountId);
    const isFree = await auth.deps.db.begin((tx) =>
      insertIdentity(tx, { ...wallet, accountId: again, label: 'mine' }),
    );
    expect(isFree).toBe(true);
  });

  it('a person who has no address types a word', async () => {
    const { browser, csrf, accountId } = await newPerson();
    await auth.deps.db`
      update auth.accounts set email = null, email_verified_at = null where id = ${accountId}`;
    expect((await browser.get('/account/delete')).text).toContain('Type “delete”');
    const done = await browser.post('/account/delete', { csrf, sure: 'Delete' });
    expect(done.text).toContain('Your account is deleted');
  });

  it('an operator stays one until another operator ends it', async () => {
    const { browser, csrf, email, accountId } = await newPerson();
    await operateAccount(auth.deps, { accountId, isOperator: true, actor: 'test' });
    expect((await browser.get('/account/delete')).text).toContain('You are an operator');
    expect((await browser.post('/account/delete', { csrf, sure: email })).status).toBe(409);
    await operateAccount(auth.deps, { accountId, isOperator: false, actor: 'test' });
    expect((await browser.post('/account/delete', { csrf, sure: email })).status).toBe(200);
  });

  it('a team with others in it, or with apps, keeps its only owner', async () => {
    const owner = await newPerson();
    const { browser, csrf, email } = owner;
    const { id } = await createTeam(auth.deps, { name: 'Ours', actor: owner.accountId });
    const ask = () => browser.post('/account/delete', { csrf, sure: email });
    const moveApp = (teamId: string | null) =>
      auth.deps.db`update auth.apps set team_id = ${teamId} where id = ${auth.seed.app.id}`;
    await moveApp(id);
    const refused = await ask();
    expect([refused.status, refused.text.includes('Ours')]).toEqual([409, true]);
    await moveApp(null);
    const other = await newPerson();
    await join(id, other.accountId, 'developer');
    expect((await ask()).status).toBe(409);
    await leaveTeam(auth.deps, { teamId: id, actor: other.accountId });
    expect((await ask()).status).toBe(200);
    const left = await auth.deps.db`select 1 from auth.team_members where team_id = ${id}`;
    expect(left).toHaveLength(0);
  });

  it('what is added to the account at the same moment is not left behind by nobody', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const accountId = await addPerson(auth, { email: `race${round}@example.org` });
      const subject = `0x${round.toString(16).padStart(40, 'b')}`;
      const wallet = { kind: 'wallet', provider: 'eip155', subject, label: '' } as const;
      const identity = { ...wallet, email: null, displayName: null };
      await Promise.all([
        deleteAccount(auth.deps, { accountId, actor: accountId }),
        claimIdentity(auth.deps, { accountId, identity }),
      ]);
      const left = await auth.deps.db`
        select 1 from auth.account_identities where account_id = ${accountId}`;
      expect(left).toHaveLength(0);
    }
  });

  it('of two owners who delete themselves at once, one stays with the team', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const emails = [`twin${round}a@example.org`, `twin${round}b@example.org`];
      const [a = '', b = ''] = await Promise.all(emails.map((email) => addPerson(auth, { email })));
      const { id } = await createTeam(auth.deps, { name: 'Both', actor: a });
      await join(id, b, 'owner');
      await auth.deps.db`update auth.apps set team_id = ${id} where id = ${auth.seed.app.id}`;
      const outcomes = await Promise.all(
        [a, b].map((accountId) => deleteAccount(auth.deps, { accountId, actor: accountId })),
      );
      const codes = outcomes.map((outcome) => (outcome.ok ? 'deleted' : outcome.code));
      expect(codes.sort()).toEqual(['deleted', 'last_owner']);
    }
  });
});
