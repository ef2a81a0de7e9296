import { FORWARDED_ROUTES } from '@clearinghouse/shared';
import { type ApiDocument, readApiDocument } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, API_KEY, type Credentials, call, EXCHANGE } from '../../testing/call-auth.ts';
import { type MailFolder, makeMailFolder } from '../../testing/mail-folder.ts';
import { personToken } from '../../testing/person-token.ts';
import { makeAccount, redeem, signIn } from '../../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../../testing/start-test-auth.ts';

type Options = Parameters<typeof call>[1];

const WEBHOOK_SECRET = 'w'.repeat(32);
const REDIRECT = 'https://shop.example/cb';

// One after the other: the last test counts what the others have asked.
describe('real answers are what the document says', () => {
  let auth: TestAuth;
  let mails: MailFolder;
  let document: ApiDocument;
  let as: Credentials;
  let machine: Credentials;
  let made: Answer;
  /** Of the operator, and of the app itself. */
  let admin: string;
  let app: string;

  beforeAll(async () => {
    mails = await makeMailFolder();
    const env = { IDENTITY_WEBHOOK_SECRET: WEBHOOK_SECRET, MAIL_DIR: mails.path };
    auth = await startTestAuth(env);
    document = await readApiDocument(auth.url);
    as = auth.seed.admin;
    const headers = { 'idempotency-key': 'walk-1' };
    made = await call(at('/admin/apps'), { as, json: { name: 'Walk' }, headers });
    ({ machine } = made.body);
    app = `/apps/${made.body.app.id}`;
    admin = `/admin${app}`;
  });
  afterAll(async () => {
    await auth.stop();
    await mails.remove();
  });

  const at = (path: string) => `${auth.url}/api/v1${path}`;
  const held = (name: string, answer: Answer): Answer => {
    expect(document.faultsOf(name, answer)).toEqual([]);
    return answer;
  };
  /** Asks as the operator unless told, and holds the answer to the document. */
  const ask = async (name: string, path: string, options: Options = {}) =>
    held(name, await call(at(path), { as, ...options }));

  it('a check that must be able to fail: other members, other statuses, other routes', () => {
    const headers = new Headers({ 'content-type': 'application/json' });
    const answer = { status: 200, body: { apps: [{ id: 7 }], next: null }, headers };
    expect(document.faultsOf('app list', answer)).not.toEqual([]);
    expect(document.faultsOf('app list', { ...answer, status: 299 })).not.toEqual([]);
    expect(document.faultsOf('app lost', answer)).not.toEqual([]);
    expect([...document.answered]).toEqual([]);
  });

  it('of apps', async () => {
    held('app create', made);
    await ask('app list', '/admin/apps?limit=1');
    await ask('app show', admin);
    await ask('own-app show', app, { as: machine });
    await ask('app change', admin, { method: 'PATCH', json: { name: 'Walked' } });
    await ask('app set-status', `${admin}/status`, { method: 'PUT', json: { status: 'active' } });
    await ask('signer show', `${app}/signer/routing`, { as: machine });
    await ask('app show', '/admin/apps/app_none');
  });

  it.each([
    ['client', () => app],
    ['app client', () => admin],
  ])('of each %s', async (noun, base) => {
    const clients = `${base()}/clients`;
    const json = { name: 'Shop', metadata: { redirect_uris: [REDIRECT] } };
    const { clientId } = (await ask(`${noun} create`, clients, { json })).body;
    const one = `${clients}/${clientId}`;
    await ask(`${noun} list`, clients);
    await ask(`${noun} change`, one, { method: 'PATCH', json: { name: 'S' } });
    await ask(`${noun} rotate-secret`, `${one}/secret`, { json: {} });
    await ask(`${noun} revoke`, one, { method: 'DELETE' });
  });

  it.each([
    ['grant', () => app],
    ['app grant', () => admin],
  ])('of each %s', async (noun, base) => {
    const json = { name: 'Site', kind: 'public', metadata: { redirect_uris: [REDIRECT] } };
    const { clientId } = (await call(at(`${app}/clients`), { as, json })).body;
    const client = { clientId, redirectUri: REDIRECT };
    const accountId = await makeAccount(auth);
    const { status } = await redeem(auth, await signIn(auth, { ...client, accountId }), client);
    expect(status).toBe(200);
    const grants = `${base()}/grants`;
    const { body } = await ask(`${noun} list`, grants);
    expect(body.grants).toHaveLength(1);
    await ask(`${noun} revoke`, `${grants}/${body.grants[0].id}`, { method: 'DELETE' });
    await ask(`${noun} revoke-all`, `${grants}/revoke-all`, { json: {} });
  });

  it('of users and their tokens', async () => {
    const users = `${app}/users`;
    const user = { externalUserId: 'carol' };
    await ask('user upsert', users, { json: user });
    await ask('user list', users);
    await ask('user show', `${users}/carol`);
    await ask('user change', users, { method: 'PUT', json: { ...user, status: 'active' } });
    const token = await ask('user token', `${users}/carol/token`, { as: machine, json: {} });
    const json = { token: token.body.access_token };
    await ask('token revoke', `${app}/tokens/revoke`, { as: machine, json });
    await ask('user end-sessions', `${users}/carol/end-sessions`, { method: 'POST' });
    await ask('user delete', `${users}?externalUserId=carol`, { method: 'DELETE' });
    await ask('user show', `${users}/nobody`);
  });

  it('of keys, and of what they are exchanged for', async () => {
    const keys = `${app}/keys`;
    const { id, key } = (await ask('key create', keys, { json: { name: 'K' } })).body;
    await ask('key list', keys);
    await ask('key show', `${keys}/${id}`);
    await ask('key change', `${keys}/${id}`, { method: 'PATCH', json: { name: 'L' } });
    const form = { grant_type: EXCHANGE, subject_token: key, subject_token_type: API_KEY };
    await ask('token exchange', `${app}/oidc/token`, { as: undefined, form });
    const json = { apiKey: key };
    const exchange = `${auth.url}/api/pymthouse/keys/exchange`;
    held('token exchange-key', await call(exchange, { json }));
    held('token exchange-key', await call(exchange, { json: { apiKey: 'lp_sk_no' } }));
    await ask('key rotate', `${keys}/${id}/rotate`, { json: {} });
    await ask('key revoke', `${keys}/${id}`, { method: 'DELETE' });
    await ask('key revoke-all', `${keys}/revoke-all`, { json: {} });
  });

  it('of checks', async () => {
    const { key } = auth.seed.apiKey;
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const options = { method, as: `Bearer ${key}` };
      await ask(`check ${method.toLowerCase()}`, '/forward-auth', options);
    }
    await ask('check get', '/forward-auth', { as: undefined });
    await ask('check report-leak', '/keys/report', { as: undefined, json: { key: 'lp_sk_x' } });
    const webhook = (secret: string) =>
      call(`${auth.url}/webhooks/remote-signer`, {
        as: `Bearer ${secret}`,
        json: { headers: { Authorization: [`Bearer ${key}`] } },
      });
    expect(held('check remote-signer', await webhook(WEBHOOK_SECRET)).body.status).toBe(200);
    held('check remote-signer', await webhook('no'));
  });

  it('of teams', async () => {
    const [owner, guest] = await Promise.all(
      ['owner', 'guest'].map((name) =>
        makeAccount(auth, { email: `${name}@walk.test`, verified: true }),
      ),
    );
    const [asOwner, asGuest] = await Promise.all(
      [owner, guest].map((accountId) => personToken(auth, accountId ?? '')),
    );
    const mine = { as: asOwner };
    const { id } = (await ask('own-team create', '/teams', { ...mine, json: { name: 'Walk' } }))
      .body;
    const team = `/teams/${id}`;
    const json = { email: 'guest@walk.test', role: 'developer' };
    const join = async () => {
      await ask('own-team invite', `${team}/invitations`, { ...mine, json });
      const [token] = /lp_iv_\w+/.exec(await mails.take(json.email)) ?? [];
      await ask('own-team join', '/invitations/accept', { as: asGuest, json: { token } });
    };
    await join();
    await ask('own-team members', `${team}/members`, mine);
    await ask('own-team invitations', `${team}/invitations`, mine);
    const other = { email: 'other@walk.test', role: 'viewer' };
    const open = await ask('own-team invite', `${team}/invitations`, { ...mine, json: other });
    const one = `${team}/invitations/${open.body.id}`;
    await ask('own-team withdraw', one, { ...mine, method: 'DELETE' });
    await ask('own-team list', '/teams', mine);
    const member = `${team}/members/${guest}`;
    await ask('own-team set-role', member, { ...mine, method: 'PUT', json: { role: 'admin' } });
    await ask('own-team create-app', `${team}/apps`, { ...mine, json: { name: 'Of the team' } });
    await ask('own-team apps', `${team}/apps`, mine);
    await ask('own-team leave', `${team}/leave`, { as: asGuest, method: 'POST' });
    await join();
    await ask('own-team remove', member, { ...mine, method: 'DELETE' });
    await ask('own-team leave', `${team}/leave`, { ...mine, method: 'POST' });
  });

  it('of teams and people, as the operator sees them', async () => {
    const [owner, guest] = await Promise.all(
      ['first', 'second'].map((name) => makeAccount(auth, { email: `${name}@walk.test` })),
    );
    const json = { name: 'Theirs', ownerId: owner };
    const { id } = (await ask('team create', '/admin/teams', { json })).body;
    const invite = { name: 'Invited', ownerEmail: 'nobody@walk.test' };
    await ask('team create', '/admin/teams', { json: invite });
    const team = `/admin/teams/${id}`;
    const member = `${team}/members/${guest}`;
    await ask('team set-member', member, { method: 'PUT', json: { role: 'billing' } });
    await ask('app set-team', `${admin}/team`, { method: 'PUT', json: { teamId: id } });
    await ask('team list', '/admin/teams?name=their');
    const { body } = await ask('team show', team);
    expect([body.members.length, body.apps.length]).toEqual([2, 1]);
    await ask('team members', `${team}/members?limit=1`);
    await ask('team remove-member', member, { method: 'DELETE' });
    await ask('team remove-member', `${team}/members/${owner}`, { method: 'DELETE' });
    await ask('account list', '/admin/accounts?email=first@walk.test');
    const account = `/admin/accounts/${owner}`;
    await ask('account show', account);
    await ask('account change', account, { method: 'PATCH', json: { status: 'suspended' } });
    await ask('account show', '/admin/accounts/acc_none');
    const invited = { json: { email: 'operator@walk.test' } };
    const { link } = (await ask('operator invite', '/admin/operators', invited)).body;
    expect(link).toContain('/setup?token=');
    await ask('operator invite', '/admin/operators', { json: { email: 'first@walk.test' } });
    const ordinary = { method: 'PATCH', json: { isOperator: false } };
    await ask('account delete', account, { method: 'DELETE' });
    await ask('account change', account, ordinary);
    await ask('account delete', account, { method: 'DELETE' });
    await ask('account delete', `/admin/accounts/${guest}`, { method: 'DELETE' });
  });

  it('of the installation', async () => {
    await ask('own-audit list', `${app}/audit`);
    await ask('audit list', '/admin/audit');
    await ask('audit list', '/admin/audit?format=csv');
    await ask('own-audit list', `${app}/audit?format=csv`);
    await ask('audit prove', '/admin/audit/proof');
    await ask('signing-key list', '/admin/signing-keys');
    const issuers = `${admin}/external-issuers`;
    const trust = {
      issuer: 'https://idp.example',
      jwksUri: 'https://idp.example/jwks',
      audience: 'clearinghouse',
    };
    const { body } = await ask('issuer add', issuers, { json: trust });
    await ask('issuer list', issuers);
    await ask('issuer remove', `${issuers}/${body.id}`, { method: 'DELETE' });
    const rotation = { alg: 'ES256', isCompromised: true };
    await ask('signing-key rotate', '/admin/signing-keys/rotate', { json: rotation });
  });

  it('every route has answered with success; billing’s do in tests/e2e/api-document.test.ts', () => {
    const forwarded = FORWARDED_ROUTES.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`,
    );
    const silent = document.operations
      .filter(({ name, route }) => !document.answered.has(name) && !forwarded.includes(route))
      .map(({ name }) => name);
    expect(silent).toEqual([]);
  });
});
