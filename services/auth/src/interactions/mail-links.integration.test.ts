import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inviteOperator } from '../commands/invite-operator.ts';
import { ALICE, authorizationUrl, Browser, csrfOf, interactionOf } from '../testing/browser.ts';
import { linkIn, type MailFolder, makeMailFolder } from '../testing/mail-folder.ts';
import { allow, atAccount, atLogin, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';
import { signIn } from '../testing/sign-in.ts';

const SHA1_OF_BREACHED = '1B8B09E9DC4CB08B86E5EC1C8B9B37A7A2AB4C7B';

describe('accounts and links by mail', () => {
  let auth: PeopleAuth;
  let mails: MailFolder;
  beforeAll(async () => {
    mails = await makeMailFolder();
    const breached = createHash('sha1').update('breached password 1').digest('hex');
    const list = `${breached}:42\n${SHA1_OF_BREACHED.slice(0, 10)}\n`;
    auth = await startPeopleAuth({ MAIL_DIR: mails.path, BREACHED_PASSWORDS: list });
  });
  afterAll(async () => {
    await auth.stop();
    await mails.remove();
  });

  const ask = async (what: 'sign-up' | 'forgot', email: string) => {
    const { browser, base, csrf } = await atLogin(auth);
    const answer = await browser.post(`${base}/${what}`, { csrf, email });
    return { browser, base, answer };
  };
  const use = async (browser: Browser, link: string, form: Record<string, string>) => {
    const page = await browser.get(link);
    const token = /token=(.+)/.exec(link)?.[1] ?? '';
    return browser.post('/account/mail', { csrf: csrfOf(page), token, ...form });
  };

  it('sign-up: the link makes the account, its reader chooses the password and goes on to the app', async () => {
    const email = 'new@example.org';
    const { browser, base, answer } = await ask('sign-up', email);
    expect(answer.text).toContain('Look into your mail');
    const link = linkIn(await mails.take(email));
    const done = await use(browser, link, { password: 'a good long password', name: 'New Person' });
    expect(done.text).toContain('Your account is ready');
    expect(done.text).toContain(`href="${base}"`);
    const login = await browser.get(base);
    const form = { csrf: csrfOf(login), email, password: 'a good long password' };
    const consent = await browser.post(`${base}/password`, form);
    expect((await allow(browser, consent))?.searchParams.get('code')).toBeTruthy();
    const [row] = await auth.deps.db<{ verified: boolean; name: string }[]>`
      select email_verified_at is not null as verified, display_name as name
      from auth.accounts where email = ${email}`;
    expect(row).toEqual({ verified: true, name: 'New Person' });
  });

  it('looking at a link uses nothing up; using it does, once, whoever comes first', async () => {
    const email = 'once@example.org';
    const { browser } = await ask('sign-up', email);
    const link = linkIn(await mails.take(email));
    await browser.get(link);
    const page = await browser.get(link);
    const token = /token=(.+)/.exec(link)?.[1] ?? '';
    const form = { csrf: csrfOf(page), token, password: 'a good long password' };
    const answers = await Promise.all([1, 2, 3].map(() => browser.post('/account/mail', form)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect((await browser.get(link)).text).toContain('good no more');
  });

  it('S29: sign-up and reset answer the same for an address that is known and one that is not', async () => {
    for (const what of ['sign-up', 'forgot'] as const) {
      const answers = [await ask(what, ALICE.email), await ask(what, `${what}@example.net`)];
      const texts = answers.map(({ answer, base }, index) =>
        answer.text
          .replaceAll(base, '')
          .replaceAll(index === 0 ? ALICE.email : `${what}@example.net`, ''),
      );
      expect(texts[0]).toBe(texts[1]);
      expect(answers.map(({ answer }) => answer.status)).toEqual([200, 200]);
    }
    expect(await mails.take(ALICE.email)).toContain('You have an account already');
    expect(await mails.take('sign-up@example.net')).toContain('Confirm your address');
    expect(await mails.take(ALICE.email)).toContain('Choose a new password');
    expect(await mails.count()).toBe(0);
  });

  it('reset: the new password counts, the old one, every session and every refresh token end', async () => {
    const { publicClientId: clientId } = auth.seed;
    const signedIn = await signIn(auth, {
      clientId,
      redirectUri: 'https://client.example/cb',
      accountId: auth.aliceId,
      scope: 'openid offline_access',
      params: { prompt: 'consent' },
    });
    expect(signedIn.code).not.toBe('');
    const elsewhere = await atAccount(auth);
    expect(elsewhere.page.text).toContain('Your account');
    const grants = () => auth.deps.db`
      select 1 from auth.oidc_artifacts where payload ->> 'accountId' = ${auth.aliceId}
        and model in ('Session', 'Grant', 'RefreshToken', 'AuthorizationCode')`;
    expect((await grants()).length).toBeGreaterThan(1);
    const { browser } = await ask('forgot', ALICE.email);
    const link = linkIn(await mails.take(ALICE.email));
    const done = await use(browser, link, { password: 'another good password' });
    expect(done.text).toContain('The password is changed');
    expect(await mails.take(ALICE.email)).toContain('the password was changed');
    expect(await grants()).toHaveLength(0);
    expect((await elsewhere.browser.get('/account')).text).toContain('<h1>Sign in</h1>');
    const old = await atAccount(auth);
    expect(old.page.status).toBe(401);
    const { page } = await atAccount(auth, { ...ALICE, password: 'another good password' });
    expect(page.text).toContain('Your account');
  });

  it.each([
    ['too short', 'eleven char', 'at least 12 characters'],
    ['of one letter', 'a'.repeat(30), 'too easy to guess'],
    ['the address itself', 'weak@example.org', 'too easy to guess'],
    ['stolen before', 'breached password 1', 'list of stolen ones'],
    ['longer than any', 'ab c'.repeat(65), 'at most 256'],
  ])(
    'a password that is %s is refused, and the link stays good',
    async (_name, password, words) => {
      const email = 'weak@example.org';
      const { browser } = await ask('sign-up', email);
      const link = linkIn(await mails.take(email));
      const answer = await use(browser, link, { password });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain(words);
      expect((await browser.get(link)).status).toBe(200);
    },
  );

  it('a name typed beside a refused password stays in its field', async () => {
    const email = 'named@example.org';
    const { browser } = await ask('sign-up', email);
    const link = linkIn(await mails.take(email));
    const answer = await use(browser, link, { password: 'eleven char', name: 'Mei "M" Li' });
    expect(answer.text).toMatch(/<input id="name"[^>]* value="Mei &quot;M&quot; Li"/);
  });

  it('a newer link ends the older ones', async () => {
    const email = 'newer@example.org';
    await ask('sign-up', email);
    const first = linkIn(await mails.take(email));
    const { browser } = await ask('sign-up', email);
    await mails.take(email);
    expect((await browser.get(first)).status).toBe(400);
  });

  it('a link is used from our own page only', async () => {
    const email = 'forged@example.org';
    const { browser } = await ask('sign-up', email);
    const link = linkIn(await mails.take(email));
    const token = /token=(.+)/.exec(link)?.[1] ?? '';
    const form = { token, csrf: csrfOf(await browser.get(link)), password: 'a good long password' };
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await browser.post('/account/mail', form, foreign)).status).toBe(403);
    expect((await browser.post('/account/mail', { ...form, csrf: 'x' })).status).toBe(403);
    expect((await browser.get('/account/mail?token=unknown')).status).toBe(400);
  });

  it('only the hash of a token is kept, and only the owner may read the files', async () => {
    const email = 'hashed@example.org';
    await ask('sign-up', email);
    const [name = ''] = await readdir(mails.path);
    expect((await stat(join(mails.path, name))).mode & 0o077).toBe(0);
    const token = /token=(.+)/.exec(linkIn(await mails.take(email)))?.[1] ?? '';
    const rows = await auth.deps.db`
      select 1 from auth.mail_tokens t where t::text like ${`%${token}%`}`;
    expect(rows).toHaveLength(0);
  });

  it('the address in a link is the issuer’s, whatever Host was sent', async () => {
    const email = 'host@example.org';
    await ask('sign-up', email);
    expect(await mails.take(email)).toContain(`${auth.config.origin}/account/mail?token=`);
  });
});

describe('the first operator', () => {
  it('is made by a link of the command line, once, also where sign-up is closed', async () => {
    const auth = await startPeopleAuth({ SIGN_UP: 'closed' });
    try {
      const { origin } = auth.config;
      const invited = await inviteOperator(auth.deps, {
        email: 'op@example.org',
        origin,
        actor: 'cli',
      });
      const link = 'link' in invited ? invited.link : '';
      const browser = new Browser(auth.url);
      const page = await browser.get(link.slice(origin.length));
      expect(page.text).toContain('Set up the operator');
      const token = new URL(link).searchParams.get('token') ?? '';
      const form = { csrf: csrfOf(page), token, password: 'operator password 1' };
      expect((await browser.post('/account/mail', form)).text).toContain('Your account is ready');
      expect((await browser.post('/account/mail', form)).status).toBe(400);
      const [row] = await auth.deps.db<{ id: string; isOperator: boolean; verified: boolean }[]>`
        select id, is_operator as "isOperator", email_verified_at is not null as verified
        from auth.accounts where email = 'op@example.org'`;
      expect(row).toMatchObject({ isOperator: true, verified: false });
      const again = await inviteOperator(auth.deps, { email: ALICE.email, origin, actor: 'cli' });
      expect(again).toEqual({ accountId: auth.aliceId, isOperator: true });
    } finally {
      await auth.stop();
    }
  });
});

describe('SIGN_UP and SIGN_IN_METHODS', () => {
  it.each(['closed', 'invited'] as const)('%s: nobody unknown gets an account', async (policy) => {
    const mails = await makeMailFolder();
    const auth = await startPeopleAuth({ SIGN_UP: policy, MAIL_DIR: mails.path });
    try {
      const { browser, page, base, csrf } = await atLogin(auth);
      expect(page.text.includes('Create an account')).toBe(policy === 'invited');
      const answer = await browser.post(`${base}/sign-up`, { csrf, email: 'who@example.org' });
      expect(answer.status).toBe(policy === 'closed' ? 404 : 200);
      await auth.deps.postman.stop();
      expect(await mails.count()).toBe(0);
    } finally {
      await auth.stop();
      await mails.remove();
    }
  });

  it('a way that is switched off is neither shown nor served; without mail it says so', async () => {
    const auth = await startPeopleAuth({ SIGN_IN_METHODS: 'password' });
    try {
      const { browser, page, base, csrf } = await atLogin(auth);
      expect(page.text).not.toMatch(/passkey|wallet/i);
      for (const path of ['wallet/message', 'wallet', 'passkey/options', 'passkey']) {
        expect((await browser.post(`${base}/${path}`, { csrf })).status).toBe(404);
      }
      const answer = await browser.post(`${base}/sign-up`, { csrf, email: 'who@example.org' });
      expect([answer.status, answer.text.includes('cannot send mail')]).toEqual([503, true]);
      expect(interactionOf(await browser.get(authorizationUrl(auth).url))).not.toBe('');
    } finally {
      await auth.stop();
    }
  });
});

describe('S27: tries are counted', () => {
  it('a stranger’s sign-ups with an address do not keep its owner from a new password', async () => {
    const mails = await makeMailFolder();
    const auth = await startPeopleAuth({ RATE_LIMIT_FACTOR: '1', MAIL_DIR: mails.path });
    try {
      const ask = async (what: string) => {
        const { browser, base, csrf } = await atLogin(auth);
        return (await browser.post(`${base}/${what}`, { csrf, email: ALICE.email })).status;
      };
      const statuses: number[] = [];
      for (let index = 0; index < 6; index += 1) statuses.push(await ask('sign-up'));
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
      for (let index = 0; index < 5; index += 1) expect(await ask('forgot')).toBe(200);
      expect(await ask('forgot')).toBe(429);
    } finally {
      await auth.stop();
      await mails.remove();
    }
  });

  it('the eleventh password for one address within a quarter of an hour is 429', async () => {
    const auth = await startPeopleAuth({ RATE_LIMIT_FACTOR: '1' });
    try {
      const { browser, base, csrf } = await atLogin(auth);
      const statuses: number[] = [];
      for (let index = 0; index < 11; index += 1) {
        const form = { csrf, email: ALICE.email, password: `guess ${index}` };
        const answer = await browser.post(`${base}/password`, form);
        statuses.push(answer.status);
        if (index === 10) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
      const right = await browser.post(`${base}/password`, { csrf, ...ALICE });
      expect(right.status).toBe(429);
    } finally {
      await auth.stop();
    }
  });

  it('who guesses from one address does not lock out the person at another; many do, in the end', async () => {
    const auth = await startPeopleAuth({ RATE_LIMIT_FACTOR: '1', TRUST_PROXY: '1' });
    try {
      const { browser, base, csrf } = await atLogin(auth);
      const guess = (from: string, password = 'a wrong guess') => {
        const headers = {
          origin: 'null',
          'sec-fetch-site': 'same-origin',
          'x-forwarded-for': from,
        };
        const form = { csrf, email: ALICE.email, password };
        return browser.post(`${base}/password`, form, headers);
      };
      for (let index = 0; index < 11; index += 1) await guess('203.0.113.1');
      expect((await guess('203.0.113.1', ALICE.password)).status).toBe(429);
      expect((await guess('203.0.113.2')).status).toBe(401);
      for (let index = 0; index < 89; index += 1) await guess(`198.51.100.${index}`);
      expect((await guess('203.0.113.3', ALICE.password)).status).toBe(429);
    } finally {
      await auth.stop();
    }
  });
});
