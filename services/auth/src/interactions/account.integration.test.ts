import { Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAccountStatus } from '../accounts/change-account.ts';
import { ALICE, Browser, csrfOf, interactionOf } from '../testing/browser.ts';
import { linkIn, type MailFolder, makeMailFolder } from '../testing/mail-folder.ts';
import {
  allow,
  atAccount,
  atLogin,
  newPersonAtAccount,
  type PeopleAuth,
  startPeopleAuth,
} from '../testing/people.ts';
import { changeUser } from '../users/change-user.ts';
import { userOfAccount } from '../users/user-of-account.ts';

const PASSWORD = 'account password 1';

describe('a person at their own account', () => {
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
    const email = `person${people}@example.org`;
    return newPersonAtAccount(auth, { email, password: PASSWORD });
  };
  /** Signs in to the app in this browser, so that a grant exists. */
  const useApp = async (browser: Browser, email: string) => {
    const { page, base, csrf } = await atLogin(auth, { prompt: 'login' }, browser);
    expect(page.status).toBe(200);
    const form = { csrf, email, password: PASSWORD, remember: 'yes' };
    return allow(browser, await browser.post(`${base}/password`, form));
  };

  it('whoever is not signed in signs in first, and comes to the page that was asked for', async () => {
    const browser = new Browser(auth.url);
    const login = await browser.get('/account/sessions');
    expect(interactionOf(login)).not.toBe('');
    const form = { csrf: csrfOf(login), ...ALICE };
    const page = await browser.post(`${interactionOf(login)}/password`, form);
    expect(page.url.pathname).toBe('/account/sessions');
    expect(page.text).toContain('This one');
  });

  it('the session is the issuer’s: an app finds its person signed in', async () => {
    const { browser } = await newPerson();
    const { page } = await atLogin(auth, {}, browser);
    expect(page.text).toContain('Let First app in?');
  });

  it('saying no makes no session', async () => {
    const browser = new Browser(auth.url);
    const login = await browser.get('/account');
    const page = await browser.post(`${interactionOf(login)}/abort`, { csrf: csrfOf(login) });
    expect(page.text).toContain('Not signed in');
    expect(browser.cookie('ch_session')).toBeUndefined();
  });

  it('S20: another session’s token, or another site’s form, changes nothing', async () => {
    const one = await newPerson();
    const two = await newPerson();
    const stolen = await one.browser.post('/account/profile', { csrf: two.csrf, name: 'Evil' });
    expect(stolen.status).toBe(403);
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const form = { csrf: one.csrf, name: 'Evil' };
    expect((await one.browser.post('/account/profile', form, foreign)).status).toBe(403);
    expect((await one.browser.get('/account')).text).not.toContain('Evil');
  });

  it('a name is kept as text, without marks that turn it around', async () => {
    const { browser, csrf } = await newPerson();
    const name = '<b>Ada</b>\u202eevil';
    const page = await browser.post('/account/profile', { csrf, name });
    expect(page.text).toContain('value="&lt;b&gt;Ada&lt;/b&gt;evil"');
    const long = await browser.post('/account/profile', { csrf, name: 'x'.repeat(101) });
    expect(long.status).toBe(422);
  });

  it('a new address counts when its mail was read; one that is taken gets no mail', async () => {
    const { browser, csrf, accountId, email: emailBefore } = await newPerson();
    const page = await browser.post('/account/email', { csrf, email: 'moved@example.org' });
    expect(page.text).toContain('a link is on its way');
    expect((await browser.get('/account')).text).not.toContain('moved@example.org');
    const link = linkIn(await mails.take('moved@example.org'));
    const token = /token=(.+)/.exec(link)?.[1] ?? '';
    const form = { csrf: csrfOf(await browser.get(link)), token };
    expect((await browser.post('/account/mail', form)).text).toContain('The address is confirmed');
    // Whoever reads the new one's mail may be a thief: the owner hears of it at the old one.
    expect(await mails.take(emailBefore)).toContain('the address was changed');
    expect((await browser.get('/account')).text).toContain('moved@example.org');
    const taken = await browser.post('/account/email', { csrf, email: ALICE.email });
    expect(taken.text).toContain('a link is on its way');
    const rows = await auth.deps.db`
      select 1 from auth.mail_tokens where account_id = ${accountId}`;
    expect(rows).toHaveLength(0);
  });

  it('a new password needs the old one, and ends every other session and grant', async () => {
    const { browser, csrf, email } = await newPerson();
    const elsewhere = await atAccount(auth, { email, password: PASSWORD });
    await useApp(elsewhere.browser, email);
    const form = { csrf, current: 'wrong', password: 'a new good password' };
    expect((await browser.post('/account/password', form)).status).toBe(401);
    const weak = { csrf, current: PASSWORD, password: 'short' };
    expect((await browser.post('/account/password', weak)).status).toBe(422);
    const done = await browser.post('/account/password', { ...form, current: PASSWORD });
    expect(done.text).toContain('The password is changed');
    expect(await mails.take(email)).toContain('the password was changed');
    expect((await browser.get('/account')).text).toContain('Your account');
    expect((await elsewhere.browser.get('/account')).text).toContain('<h1>Sign in</h1>');
    expect((await browser.get('/account/apps')).text).toContain('None yet');
  });

  it('sessions: all are listed, with where and how; one or all others end', async () => {
    const { browser, csrf, email } = await newPerson();
    const second = await atAccount(auth, { email, password: PASSWORD });
    const third = await atAccount(auth, { email, password: PASSWORD });
    const page = await browser.get('/account/sessions');
    expect(page.text.match(/by password/g)).toHaveLength(3);
    const uids = [...page.text.matchAll(/sessions\/([\w-]+)\/end"/g)].map(([, uid]) => uid);
    expect(uids).toHaveLength(2);
    await browser.post(`/account/sessions/${uids[0]}/end`, { csrf });
    const left = [second, third].map(({ browser: one }) => one.get('/account'));
    const texts = (await Promise.all(left)).map(({ text }) => text.includes('Your account'));
    expect(texts.filter(Boolean)).toHaveLength(1);
    await browser.post('/account/sessions/end-others', { csrf });
    for (const { browser: one } of [second, third]) {
      expect((await one.get('/account')).text).toContain('<h1>Sign in</h1>');
    }
    expect((await browser.get('/account')).text).toContain('Your account');
  });

  it('S35: nobody ends another person’s session or takes back another person’s app', async () => {
    const victim = await newPerson();
    await useApp(victim.browser, victim.email);
    const page = await victim.browser.get('/account/apps');
    const grantId = /apps\/([\w-]+)\/revoke/.exec(page.text)?.[1] ?? '';
    const [session] = await auth.deps.db<{ uid: string }[]>`
      select uid from auth.oidc_artifacts
      where model = 'Session' and payload ->> 'accountId' = ${victim.accountId}`;
    const thief = await newPerson();
    const { browser, csrf } = thief;
    expect((await browser.post(`/account/apps/${grantId}/revoke`, { csrf })).status).toBe(404);
    await browser.post(`/account/sessions/${session?.uid}/end`, { csrf });
    expect((await victim.browser.get('/account/apps')).text).toContain('First app');
  });

  it('taking back an app ends its tokens', async () => {
    const { browser, email, accountId } = await newPerson();
    const app = await useApp(browser, email);
    expect(app?.searchParams.get('code')).toBeTruthy();
    const page = await browser.get('/account/apps');
    expect(page.text).toContain('See your email address');
    const [path = ''] = /\/account\/apps\/[\w-]+\/revoke/.exec(page.text) ?? [];
    const done = await browser.post(path, { csrf: csrfOf(page) });
    expect(done.text).toContain('None yet');
    const rows = await auth.deps.db`
      select model from auth.oidc_artifacts where payload ->> 'accountId' = ${accountId}
        and model in ('Grant', 'AuthorizationCode', 'RefreshToken')`;
    expect(rows).toHaveLength(0);
  });

  it('what signs in is changed after a recent sign-in only', async () => {
    const { browser, csrf, accountId } = await newPerson();
    await auth.deps.db`
      update auth.oidc_artifacts
      set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::bigint - 901))
      where model = 'Session' and payload ->> 'accountId' = ${accountId}`;
    const page = await browser.get('/account/security');
    expect(page.text).toContain('sign in again');
    for (const path of ['passkeys/options', 'wallet/message', 'email', 'identities/idn_x/remove']) {
      expect((await browser.post(`/account/${path}`, { csrf })).status).toBe(403);
    }
    expect((await browser.get('/account/upstream/x')).status).toBe(403);
  });

  it('a wallet is added and removed; the last way in stays', async () => {
    const wallet = Wallet.createRandom();
    const at = await atLogin(auth);
    const ask = async (browser: Browser, base: string, csrf: string) => {
      const form = { csrf, address: wallet.address, chainId: '1' };
      const { nonce, message } = JSON.parse(
        (await browser.post(`${base}/wallet/message`, form)).text,
      );
      const signature = await wallet.signMessage(message);
      return browser.post(`${base}/wallet`, { csrf, nonce, signature });
    };
    const { browser, csrf } = await newPerson();
    const added = await ask(browser, '/account', csrf);
    expect(added.text).toContain(wallet.address);
    const [remove = ''] = /\/account\/identities\/\w+\/remove/.exec(added.text) ?? [];
    // The wallet signs in to this account now.
    const consent = await ask(at.browser, at.base, at.csrf);
    expect(consent.text).toContain(`person${people}@example.org`);
    const second = await newPerson();
    expect((await ask(second.browser, '/account', second.csrf)).status).toBe(409);
    expect((await second.browser.post(remove, { csrf: second.csrf })).status).toBe(404);
    await auth.deps.db`
      update auth.accounts set password_hash = null where email = ${`person${people - 1}@example.org`}`;
    expect((await browser.post(remove, { csrf })).status).toBe(409);
  });

  it('signing out ends the session itself, not only its cookie', async () => {
    const { browser, csrf, accountId } = await newPerson();
    const page = await browser.post('/account/sign-out', { csrf });
    expect(page.text).toContain('You are signed out');
    const rows = await auth.deps.db`
      select 1 from auth.oidc_artifacts
      where model = 'Session' and payload ->> 'accountId' = ${accountId}`;
    expect(rows).toHaveLength(0);
  });

  it('a suspended person is nobody at once, and so is every app’s user of theirs', async () => {
    const { browser, email, accountId } = await newPerson();
    await useApp(browser, email);
    await userOfAccount(auth.deps, { accountId, appId: auth.seed.app.id });
    await setAccountStatus(auth.deps, { accountId, status: 'suspended', actor: 'test' });
    expect((await browser.get('/account')).text).toContain('<h1>Sign in</h1>');
    const statuses = await auth.deps.db<{ status: string }[]>`
      select s.status from identity.principal_status s
      join auth.app_users u on u.id = s.id and s.kind = 'user' where u.account_id = ${accountId}`;
    expect(statuses.map(({ status }) => status)).toEqual(['suspended']);
  });

  it('who goes on after a suspension gets back what it took, and nothing that an app took', async () => {
    const appId = auth.seed.app.id;
    const statuses = async (accountId: string) => {
      const rows = await auth.deps.db<{ users: string; principals: string }[]>`
        select u.status as users, s.status as principals from auth.app_users u
        join identity.principal_status s on s.kind = 'user' and s.id = u.id
        where u.account_id = ${accountId}`;
      return rows.map(({ users, principals }) => `${users} ${principals}`);
    };
    const suspend = async (accountId: string) => {
      for (const status of ['suspended', 'active'] as const) {
        await setAccountStatus(auth.deps, { accountId, status, actor: 'test' });
      }
    };
    const one = await newPerson();
    await userOfAccount(auth.deps, { accountId: one.accountId, appId });
    await suspend(one.accountId);
    expect(await statuses(one.accountId)).toEqual(['active active']);
    const two = await newPerson();
    const { externalUserId } = await userOfAccount(auth.deps, { accountId: two.accountId, appId });
    const off = { appId, externalUserId, status: 'inactive', actor: 'test' } as const;
    await changeUser(auth.deps, off);
    await suspend(two.accountId);
    expect(await statuses(two.accountId)).toEqual(['inactive suspended']);
    // Its app switches it off while the person is suspended.
    await setAccountStatus(auth.deps, { ...one, status: 'suspended', actor: 'test' });
    await changeUser(auth.deps, { ...off, externalUserId: one.accountId });
    await setAccountStatus(auth.deps, { ...one, status: 'active', actor: 'test' });
    expect(await statuses(one.accountId)).toEqual(['inactive suspended']);
  });
});
