import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setAccountStatus } from '../accounts/change-account.ts';
import { ALICE, Browser, csrfOf, interactionOf } from '../testing/browser.ts';
import { addPerson, allow, atLogin, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';

const GOOD = { ...ALICE, remember: 'yes' };

describe('signing in with address and password', () => {
  let auth: PeopleAuth;
  beforeAll(async () => {
    auth = await startPeopleAuth();
  });
  afterAll(() => auth.stop());

  it('leads over login and consent to the app, with a code, state and issuer', async () => {
    const { browser, page, base, csrf } = await atLogin(auth);
    expect(page.text).toContain('<h1>Sign in</h1>');
    const consent = await browser.post(`${base}/password`, { csrf, ...GOOD });
    expect(consent.text).toContain('See your email address');
    const app = await allow(browser, consent);
    expect(app?.origin).toBe('https://client.example');
    expect(app?.searchParams.get('code')).toMatch(/^[\w-]{20,}$/);
    expect(app?.searchParams.get('state')).toBe('s');
    expect(app?.searchParams.get('iss')).toBe(auth.config.issuer);
  });

  it('asks once: the same browser is let through at the next request', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    await allow(browser, await browser.post(`${base}/password`, { csrf, ...GOOD }));
    const again = await atLogin(auth, {}, browser);
    expect(again.page.left?.searchParams.get('code')).toBeTruthy();
  });

  it('OpenID Connect, prompt=login: asks again, also whoever is signed in', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    await allow(browser, await browser.post(`${base}/password`, { csrf, ...GOOD }));
    const again = await atLogin(auth, { prompt: 'login' }, browser);
    expect(again.page.text).toContain('<h1>Sign in</h1>');
    const done = await browser.post(`${again.base}/password`, { csrf: again.csrf, ...GOOD });
    expect((await allow(browser, done))?.searchParams.get('code')).toBeTruthy();
  });

  it('a spelling of the address in capitals is the same person', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    const email = ' Alice@Example.ORG ';
    const consent = await browser.post(`${base}/password`, { csrf, ...GOOD, email });
    expect(interactionOf(consent)).not.toBe('');
    expect(consent.text).toContain('alice@example.org');
  });

  it('S29: unknown address, wrong password, no password and a suspended person read the same', async () => {
    await addPerson(auth, { email: 'nopassword@example.org' });
    const accountId = await addPerson(auth, { email: 'gone@example.org', password: GOOD.password });
    await setAccountStatus(auth.deps, { accountId, status: 'suspended', actor: 'test' });
    const tries = [
      { email: 'unknown@example.org', password: GOOD.password },
      { email: ALICE.email, password: 'another password' },
      { email: 'nopassword@example.org', password: '' },
      { email: 'gone@example.org', password: GOOD.password },
    ];
    const seen = new Set<string>();
    for (const form of tries) {
      const { browser, base, csrf } = await atLogin(auth);
      const answer = await browser.post(`${base}/password`, { csrf, ...form });
      const same = answer.text
        .replaceAll(base, '')
        .replaceAll(csrfOf(answer), '')
        .replaceAll(form.email, '');
      seen.add(`${answer.status} ${same}`);
    }
    expect(seen.size).toBe(1);
    expect([...seen][0]).toMatch(/^401 .*The address or the password is wrong/s);
  });

  it('S21: the id of a session that was there before is not the id of the one after', async () => {
    const browser = new Browser(auth.url);
    browser.setCookie('ch_session', 'planted');
    const before = browser.cookie('ch_session')?.value;
    const { base, csrf } = await atLogin(auth, {}, browser);
    const during = browser.cookie('ch_session')?.value;
    await browser.post(`${base}/password`, { csrf, ...GOOD });
    const after = browser.cookie('ch_session')?.value;
    expect(new Set([before, during, after]).size).toBeGreaterThan(1);
    expect(after).not.toBe(before);
    expect(after).not.toBe(during);
  });

  it('remember-me: without it the session is gone with the browser', async () => {
    const lasting = await atLogin(auth);
    await lasting.browser.post(`${lasting.base}/password`, { csrf: lasting.csrf, ...GOOD });
    expect(lasting.browser.cookie('ch_session')?.attributes).toContain('expires=');
    const passing = await atLogin(auth);
    await passing.browser.post(`${passing.base}/password`, { csrf: passing.csrf, ...ALICE });
    expect(passing.browser.cookie('ch_session')?.attributes).not.toContain('expires=');
  });

  it('saying no tells the app so, and makes no grant', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    const consent = await browser.post(`${base}/password`, { csrf, ...GOOD });
    const at = interactionOf(consent);
    const done = await browser.post(`${at}/abort`, { csrf: csrfOf(consent) });
    expect(done.left?.searchParams.get('error')).toBe('access_denied');
    expect(done.left?.searchParams.get('code')).toBeNull();
  });

  it('consent grants what was asked for, once; another scope is asked for again', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    await allow(browser, await browser.post(`${base}/password`, { csrf, ...GOOD }));
    const more = await atLogin(auth, { scope: 'openid email profile' }, browser);
    expect(more.page.text).toContain('See your name');
    expect(more.page.text).not.toContain('See your email address');
  });

  it('an account hash with weaker parameters is replaced at the next sign-in', async () => {
    const { hash } = await import('@node-rs/argon2');
    const weak = await hash(GOOD.password, { algorithm: 2, memoryCost: 8_192, timeCost: 1 });
    const accountId = await addPerson(auth, { email: 'old@example.org' });
    await auth.deps.db`update auth.accounts set password_hash = ${weak} where id = ${accountId}`;
    const { browser, base, csrf } = await atLogin(auth);
    const form = { csrf, email: 'old@example.org', password: GOOD.password };
    expect((await browser.post(`${base}/password`, form)).status).toBe(200);
    const [row] = await auth.deps.db<{ hash: string }[]>`
      select password_hash as hash from auth.accounts where id = ${accountId}`;
    expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});
