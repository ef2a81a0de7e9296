import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAccountStatus } from '../accounts/change-account.ts';
import { inviteOperator } from '../commands/invite-operator.ts';
import { Browser, csrfOf, interactionOf } from '../testing/browser.ts';
import { linkIn, type MailFolder, makeMailFolder } from '../testing/mail-folder.ts';
import {
  atLogin,
  newPersonAtAccount,
  type PeopleAuth,
  startPeopleAuth,
} from '../testing/people.ts';

const PASSWORD = 'linked password 1';
const NEW_PASSWORD = 'linked password 2';

describe('a link that was mailed ends with what it was asked under', () => {
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
    const email = `linked${people}@example.org`;
    return newPersonAtAccount(auth, { email, password: PASSWORD });
  };
  type Person = Awaited<ReturnType<typeof newPerson>>;
  /** Somebody at the person's open browser asks for the account to have their own address. */
  const askForAddress = async ({ browser, csrf }: Person, email: string) => {
    await browser.post('/account/email', { csrf, email });
    return linkIn(await mails.take(email));
  };
  const askForReset = async (email: string) => {
    const { browser, base, csrf } = await atLogin(auth);
    await browser.post(`${base}/forgot`, { csrf, email });
    return linkIn(await mails.take(email));
  };
  const use = async (link: string, form: Record<string, string> = {}) => {
    const browser = new Browser(auth.url);
    const page = await browser.get(link);
    if (page.status !== 200) return page;
    const token = /token=(.+)/.exec(link)?.[1] ?? '';
    return browser.post('/account/mail', { csrf: csrfOf(page), token, ...form });
  };
  const emailOf = async ({ accountId }: Person) => {
    const [row] = await auth.deps.db<{ email: string }[]>`
      select email from auth.accounts where id = ${accountId}`;
    return row?.email;
  };

  it.each([
    [
      'the password is changed',
      ({ browser, csrf }: Person) =>
        browser.post('/account/password', { csrf, current: PASSWORD, password: NEW_PASSWORD }),
    ],
    [
      'the password is reset',
      async ({ email }: Person) => use(await askForReset(email), { password: NEW_PASSWORD }),
    ],
    [
      'everybody else is signed out',
      ({ browser, csrf }: Person) => browser.post('/account/sessions/end-others', { csrf }),
    ],
    [
      'the account is suspended, though it goes on later',
      async ({ accountId }: Person) => {
        await setAccountStatus(auth.deps, { accountId, status: 'suspended', actor: 'test' });
        await setAccountStatus(auth.deps, { accountId, status: 'active', actor: 'test' });
      },
    ],
  ])('a thief’s new address, when %s', async (_what, act) => {
    const person = await newPerson();
    const link = await askForAddress(person, `thief${people}@example.org`);
    await act(person);
    expect((await use(link)).text).toContain('good no more');
    expect(await emailOf(person)).toBe(person.email);
  });

  it('a sign-in that was not finished, when the password is changed', async () => {
    const person = await newPerson();
    const { email } = person;
    const park = async (begin: () => Promise<{ browser: Browser; base: string; csrf: string }>) => {
      const { browser, base, csrf } = await begin();
      const answer = await browser.postOnly(`${base}/password`, {
        csrf,
        email,
        password: PASSWORD,
      });
      expect(answer.status).toBe(303);
      return { browser, next: answer.headers.get('location') ?? '' };
    };
    const atOwn = async () => {
      const browser = new Browser(auth.url);
      const page = await browser.get('/account');
      return { browser, base: interactionOf(page), csrf: csrfOf(page) };
    };
    // The same, left alone, ends signed in.
    const good = await park(atOwn);
    expect((await good.browser.get(good.next)).text).toContain('Your account');
    const parked = [await park(() => atLogin(auth)), await park(atOwn)];
    const form = { csrf: person.csrf, current: PASSWORD, password: NEW_PASSWORD };
    expect((await person.browser.post('/account/password', form)).text).toContain('is changed');
    for (const { browser, next } of parked) {
      expect((await browser.get(next)).text).not.toContain('Your account');
      expect((await browser.get('/account')).text).toContain('<h1>Sign in</h1>');
    }
  });

  it('a reset that went to the old address, when there is a new one', async () => {
    const person = await newPerson();
    const reset = await askForReset(person.email);
    const moved = await askForAddress(person, `moved${people}@example.org`);
    expect((await use(moved)).text).toContain('The address is confirmed');
    expect((await use(reset, { password: NEW_PASSWORD })).text).toContain('good no more');
  });

  it('but not because a stranger asks for another', async () => {
    const person = await newPerson();
    const moved = await askForAddress(person, `own${people}@example.org`);
    await askForReset(person.email);
    expect((await use(moved)).text).toContain('The address is confirmed');
    const email = `boss${people}@example.org`;
    const invited = { email, origin: auth.config.origin, actor: 'test' };
    const first = await inviteOperator(auth.deps, invited);
    const second = await inviteOperator(auth.deps, invited);
    const { browser, base, csrf } = await atLogin(auth);
    await browser.post(`${base}/sign-up`, { csrf, email });
    const path = (made: typeof first) => ('link' in made ? new URL(made.link) : undefined);
    const show = async (made: typeof first) => {
      const { pathname = '', search = '' } = path(made) ?? {};
      return (await new Browser(auth.url).get(`${pathname}${search}`)).text;
    };
    expect(await show(second)).toContain('Set up the operator');
    expect(await show(first)).toContain('good no more');
  });
});
