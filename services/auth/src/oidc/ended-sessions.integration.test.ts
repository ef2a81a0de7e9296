import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSessions } from '../accounts/end-access.ts';
import type { Browser } from '../testing/browser.ts';
import { addPerson, atAccount, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';

const PASSWORD = 'a session that ends 1';

describe('a session that was ended is not brought back by a request that was under way', () => {
  let auth: PeopleAuth;
  let people = 0;
  beforeAll(async () => {
    auth = await startPeopleAuth();
  });
  afterAll(() => auth.stop());

  const signedIn = async () => {
    people += 1;
    const email = `ended${people}@example.org`;
    const accountId = await addPerson(auth, { email, password: PASSWORD });
    const { browser, csrf } = await atAccount(auth, { email, password: PASSWORD });
    return { accountId, browser, csrf, email };
  };
  /** What a request has read when it begins. */
  const read = async (browser: Browser) => {
    const { Session } = auth.deps.issuerParts.provider();
    const session = await Session.find(browser.cookie('ch_session')?.value ?? '');
    if (!session) throw new Error('there is no session');
    return session;
  };
  const sessionsOf = async (accountId: string) => {
    const rows = await auth.deps.db`
      select 1 from auth.oidc_artifacts
      where model = 'Session' and payload ->> 'accountId' = ${accountId}`;
    return rows.length;
  };

  it.each([
    ['under its id', false],
    ['under a new id', true],
  ])('%s, when the person has signed out', async (_how, isMoved) => {
    const { accountId, browser } = await signedIn();
    const session = await read(browser);
    if (isMoved) session.resetIdentifier();
    await endSessions(auth.deps, { accountId, choice: { all: true } });
    await session.save(600);
    expect(await sessionsOf(accountId)).toBe(0);
    expect((await browser.get('/account')).text).toContain('<h1>Sign in</h1>');
  });

  it('elsewhere, when the password was changed', async () => {
    const { accountId, browser, csrf, email } = await signedIn();
    const thief = await atAccount(auth, { email, password: PASSWORD });
    const session = await read(thief.browser);
    const form = { csrf, current: PASSWORD, password: 'a session that ends 2' };
    expect((await browser.post('/account/password', form)).text).toContain('is changed');
    await session.save(600);
    expect(await sessionsOf(accountId)).toBe(1);
    expect((await thief.browser.get('/account')).text).toContain('<h1>Sign in</h1>');
  });

  it('one that goes on is written, also under a new id, and a new sign-in makes one', async () => {
    const { accountId, browser } = await signedIn();
    const session = await read(browser);
    await session.save(600);
    session.resetIdentifier();
    await session.save(600);
    await session.save(600);
    expect(await sessionsOf(accountId)).toBe(1);
    const { Session } = auth.deps.issuerParts.provider();
    expect((await Session.find(session.jti))?.accountId).toBe(accountId);
    await endSessions(auth.deps, { accountId, choice: { all: true } });
    const loginTs = Math.floor(Date.now() / 1000) + 1;
    session.loginAccount({ accountId, loginTs });
    session.resetIdentifier();
    await session.save(600);
    expect(await sessionsOf(accountId)).toBe(1);
  });
});
