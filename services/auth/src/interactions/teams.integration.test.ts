import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, csrfOf, interactionOf } from '../testing/browser.ts';
import { linkIn, type MailFolder, makeMailFolder } from '../testing/mail-folder.ts';
import { newPersonAtAccount, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';

const PASSWORD = 'team password 1';

/** The path of the link in an invitation's mail. */
function invitationIn(mail: string): string {
  return /https?:\/\/[^/\s]+(\/account\/invitation\?token=\S+)/.exec(mail)?.[1] ?? '';
}

describe('teams on the pages of an account', () => {
  let auth: PeopleAuth;
  let mails: MailFolder;
  let people = 0;
  beforeAll(async () => {
    mails = await makeMailFolder();
    auth = await startPeopleAuth({ MAIL_DIR: mails.path, SIGN_UP: 'invited' });
  });
  afterAll(async () => {
    await auth.stop();
    await mails.remove();
  });

  const newPerson = async () => {
    people += 1;
    const email = `member${people}@example.org`;
    return newPersonAtAccount(auth, { email, password: PASSWORD });
  };
  const newTeam = async () => {
    const owner = await newPerson();
    const { browser, csrf } = owner;
    const page = await browser.post('/account/teams', { csrf, name: '<b>Team</b>' });
    return { ...owner, path: page.url.pathname, page };
  };
  const invite = async (team: Awaited<ReturnType<typeof newTeam>>, email: string, role: string) => {
    const { browser, csrf, path } = team;
    const page = await browser.post(`${path}/invite`, { csrf, email, role });
    expect(page.text).toContain('An invitation is on its way');
    return invitationIn(await mails.take(email));
  };
  const join = async (browser: Browser, link: string) => {
    const page = await browser.get(link);
    const token = /token=(.+)/.exec(link)?.[1] ?? '';
    return browser.post('/account/invitation', { csrf: csrfOf(page), token });
  };

  it('whoever makes one owns it; its name is shown as text', async () => {
    const { page } = await newTeam();
    expect(page.text).toContain('&lt;b&gt;Team&lt;/b&gt;');
    expect(page.text).toContain('Owner: everything');
  });

  it('an invitation is taken by whoever has its mail, once, with its role', async () => {
    const team = await newTeam();
    const guest = await newPerson();
    const link = await invite(team, guest.email, 'developer');
    const page = await join(guest.browser, link);
    expect(page.text).toContain('You are a member of the team now');
    expect(page.text).toContain('Developer: clients, keys, users');
    expect(page.text).not.toContain('Invite somebody');
    const second = await newPerson();
    expect((await second.browser.get(link)).status).toBe(400);
  });

  it('an invitation is withdrawn by a button: its link leads nowhere', async () => {
    const team = await newTeam();
    const guest = await newPerson();
    const link = await invite(team, guest.email, 'viewer');
    const { browser, csrf, path } = team;
    const [action] =
      /[^"]+\/invitations\/[^"]+\/withdraw/.exec((await browser.get(path)).text) ?? [];
    const page = await browser.post(action ?? '', { csrf });
    expect(page.text).toContain('The invitation is withdrawn');
    expect(page.text).not.toContain(guest.email);
    expect((await guest.browser.get(link)).status).toBe(400);
  });

  it('mail and page say who invites to what; a name of a team makes no link in the mail', async () => {
    const owner = await newPerson();
    const { browser, csrf } = owner;
    const name = 'Win at https://evil.example/now';
    const { pathname: path } = (await browser.post('/account/teams', { csrf, name })).url;
    const guest = await newPerson();
    await browser.post(`${path}/invite`, { csrf, email: guest.email, role: 'billing' });
    const mail = await mails.take(guest.email);
    expect(mail).toContain(`${owner.email} invites you to a team`);
    expect(mail).toContain('as billing');
    expect(mail).not.toContain('evil.example');
    const page = await guest.browser.get(invitationIn(mail));
    expect(page.text).toContain('Join Win at https://evil.example/now?');
    expect(page.text).toContain(owner.email);
  });

  it('SIGN_UP=invited: who is invited makes an account on the way, and comes back to the invitation', async () => {
    const team = await newTeam();
    const email = 'fresh@example.org';
    const link = await invite(team, email, 'viewer');
    const browser = new Browser(auth.url);
    const login = await browser.get(link);
    const base = interactionOf(login);
    expect(login.text).toContain('Create an account');
    await browser.post(`${base}/sign-up`, { csrf: csrfOf(login), email });
    const mail = linkIn(await mails.take(email));
    const token = /token=(.+)/.exec(mail)?.[1] ?? '';
    const form = { csrf: csrfOf(await browser.get(mail)), token, password: PASSWORD };
    expect((await browser.post('/account/mail', form)).text).toContain('Your account is ready');
    const credentials = { csrf: csrfOf(await browser.get(base)), email, password: PASSWORD };
    const invitation = await browser.post(`${base}/password`, credentials);
    expect(invitation.text).toContain('Join the team?');
    expect((await join(browser, link)).text).toContain('You are a member of the team now');
  });

  it('roles are changed and members taken out by who may, and the last owner stays', async () => {
    const team = await newTeam();
    const guest = await newPerson();
    await join(guest.browser, await invite(team, guest.email, 'viewer'));
    const member = `${team.path}/members/${guest.accountId}`;
    const { browser, csrf } = team;
    const upgraded = await browser.post(`${member}/role`, { csrf, role: 'admin' });
    expect(upgraded.text).toContain('Changed.');
    const coup = `${team.path}/members/${team.accountId}`;
    const tries = [
      guest.browser.post(`${coup}/role`, { csrf: guest.csrf, role: 'viewer' }),
      guest.browser.post(`${coup}/remove`, { csrf: guest.csrf }),
      browser.post(`${team.path}/leave`, { csrf }),
    ];
    for (const answer of await Promise.all(tries)) expect([403, 409]).toContain(answer.status);
    const out = await browser.post(`${member}/remove`, { csrf });
    expect(out.text).toContain('Taken out');
    expect((await guest.browser.get(team.path)).status).toBe(404);
  });

  it('S35: a stranger sees no team, and changes none', async () => {
    const team = await newTeam();
    const stranger = await newPerson();
    const { browser, csrf } = stranger;
    expect((await browser.get(team.path)).status).toBe(404);
    for (const path of ['invite', 'leave', `members/${team.accountId}/remove`]) {
      const form = { csrf, email: stranger.email, role: 'owner' };
      expect((await browser.post(`${team.path}/${path}`, form)).status).toBe(404);
    }
  });

  it('S20: joining needs a form of our own page', async () => {
    const team = await newTeam();
    const guest = await newPerson();
    const token = /token=(.+)/.exec(await invite(team, guest.email, 'viewer'))?.[1] ?? '';
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const form = { csrf: guest.csrf, token };
    expect((await guest.browser.post('/account/invitation', form, foreign)).status).toBe(403);
    expect((await guest.browser.get('/account/teams')).text).toContain('None yet');
  });
});
