import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../accounts/create-account.ts';
import { hashPassword } from '../accounts/hash-password.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import {
  ALICE,
  authorizationUrl,
  Browser,
  csrfOf,
  interactionOf,
  REDIRECT,
} from '../testing/browser.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('signing in with address and password', () => {
  let auth: TestAuth;
  let aliceId = '';
  beforeAll(async () => {
    auth = await startTestAuth();
    await setClientMetadata([auth], auth.seed.publicClientId, { redirect_uris: [REDIRECT] });
    const passwordHash = await hashPassword(ALICE.password);
    const made = await changeIdentity(auth.deps, (tx) =>
      createAccount({ tx }, { email: ALICE.email, isEmailVerified: true, passwordHash }),
    );
    if (made.ok) aliceId = made.value.id;
  });
  afterAll(() => auth.stop());

  const begin = async (params = {}, browser = new Browser(auth.url)) => {
    const visit = await browser.get(authorizationUrl(auth, params).url);
    return { browser, visit, base: interactionOf(visit), csrf: csrfOf(visit) };
  };
  const login = async (browser: Browser, base: string, form: Record<string, string>) =>
    browser.post(`${base}/password`, form);

  it('leads over login and consent to the app, with a code', async () => {
    const { browser, visit, base, csrf } = await begin();
    expect(visit.status).toBe(200);
    expect(visit.text).toContain('Sign in');
    const consent = await login(browser, base, { csrf, ...ALICE, remember: 'yes' });
    expect(consent.status).toBe(200);
    expect(consent.text).toContain('See your email address');
    const done = await browser.post(`${interactionOf(consent)}/consent`, { csrf: csrfOf(consent) });
    expect(done.left?.origin).toBe('https://client.example');
    expect(done.left?.searchParams.get('code')).toBeTruthy();
    expect(aliceId).toMatch(/^acc_/);
  });
});
