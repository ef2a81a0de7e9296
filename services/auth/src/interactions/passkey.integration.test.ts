import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../testing/browser.ts';
import {
  addPerson,
  allow,
  atAccount,
  atLogin,
  type PeopleAuth,
  startPeopleAuth,
} from '../testing/people.ts';
import { type PasskeyTwist, SoftPasskey } from '../testing/soft-passkey.ts';

const PASSWORD = 'passkey password 1';

describe('WebAuthn: signing in with a passkey', () => {
  let auth: PeopleAuth;
  let people = 0;
  beforeAll(async () => {
    auth = await startPeopleAuth({}, undefined, 'localhost');
  });
  afterAll(() => auth.stop());

  const newOwner = async () => {
    people += 1;
    const email = `owner${people}@example.org`;
    await addPerson(auth, { email, password: PASSWORD });
    const at = await atAccount(auth, { email, password: PASSWORD });
    return { email, ...at, passkey: new SoftPasskey(auth.config.origin) };
  };
  const options = async (browser: Browser, path: string, csrf: string) => {
    const answer = await browser.post(path, { csrf });
    expect(answer.status).toBe(200);
    return JSON.parse(answer.text);
  };
  const add = async (owner: Awaited<ReturnType<typeof newOwner>>, twist: PasskeyTwist = {}) => {
    const { browser, csrf, passkey } = owner;
    const asked = await options(browser, '/account/passkeys/options', csrf);
    const form = { csrf, response: passkey.create(asked, twist), label: 'My device' };
    return { asked, form, answer: await browser.post('/account/passkeys', form) };
  };
  const signIn = async (passkey: SoftPasskey, twist: PasskeyTwist = {}) => {
    const { browser, base, csrf } = await atLogin(auth);
    const asked = await options(browser, `${base}/passkey/options`, csrf);
    const form = { csrf, response: passkey.get(asked, twist) };
    return { browser, base, form, answer: await browser.post(`${base}/passkey`, form) };
  };

  it('is added to an account, found without a name, and signs in', async () => {
    const owner = await newOwner();
    const { asked, answer } = await add(owner);
    expect(asked.authenticatorSelection).toMatchObject({ residentKey: 'required' });
    expect(answer.text).toContain('My device');
    const login = await signIn(owner.passkey);
    expect((await allow(login.browser, login.answer))?.searchParams.get('code')).toBeTruthy();
  });

  it('several belong to one account; a known one is told to the browser and not added twice', async () => {
    const owner = await newOwner();
    await add(owner);
    const second = { ...owner, passkey: new SoftPasskey(auth.config.origin) };
    const { asked, answer } = await add(second);
    expect(asked.excludeCredentials).toHaveLength(1);
    expect(answer.status).toBe(200);
    expect((await add(owner)).answer.status).toBe(409);
    const other = await newOwner();
    expect((await add({ ...other, passkey: owner.passkey })).answer.status).toBe(409);
  });

  it('the options name no credential and no person', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    const asked = await options(browser, `${base}/passkey/options`, csrf);
    expect(asked.allowCredentials ?? []).toEqual([]);
    expect(asked.userVerification).toBe('required');
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another site', { rpId: 'evil.example' }],
    ['no verification of the user', { isVerified: false }],
    ['a challenge of its own', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['the ceremony of registration', { type: 'webauthn.create' }],
    ['a counter that went back', { counter: 1 }],
  ])('refuses an assertion with %s', async (_name, twist) => {
    const owner = await newOwner();
    await add(owner);
    owner.passkey.counter = 5;
    expect((await signIn(owner.passkey)).answer.status).toBe(200);
    expect((await signIn(owner.passkey, twist)).answer.status).toBe(401);
  });

  it('a challenge is good once, and in its own interaction', async () => {
    const owner = await newOwner();
    await add(owner);
    const { browser, base, csrf } = await atLogin(auth);
    const stranger = await atLogin(auth);
    const asked = await options(browser, `${base}/passkey/options`, csrf);
    const response = owner.passkey.get(asked);
    const elsewhere = { csrf: stranger.csrf, response };
    expect((await stranger.browser.post(`${stranger.base}/passkey`, elsewhere)).status).toBe(401);
    const answers = await Promise.all(
      [1, 2, 3].map(() => browser.post(`${base}/passkey`, { csrf, response })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const left = await auth.deps.db`
      select 1 from auth.sign_in_challenges where kind = 'passkey' and holder = ${`interaction:${base.split('/')[2]}`}`;
    expect(left).toHaveLength(0);
  });

  it('one that nobody registered, or that was removed, signs nobody in', async () => {
    expect((await signIn(new SoftPasskey(auth.config.origin))).answer.status).toBe(401);
    const owner = await newOwner();
    const { answer } = await add(owner);
    const [path = ''] = /\/account\/passkeys\/\w+\/remove/.exec(answer.text) ?? [];
    const removed = await owner.browser.post(path, { csrf: owner.csrf });
    expect(removed.text).not.toContain('My device');
    expect((await signIn(owner.passkey)).answer.status).toBe(401);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another site', { rpId: 'evil.example' }],
    ['no verification of the user', { isVerified: false }],
    ['the ceremony of sign-in', { type: 'webauthn.get' }],
  ])('refuses a new passkey with %s', async (_name, twist) => {
    expect((await add(await newOwner(), twist)).answer.status).toBe(401);
  });

  it.each(['', '{}', 'null', '[]', '{"id":"a"}', 'x'.repeat(13_000)])(
    'refuses what is no answer of a browser (%#)',
    async (response) => {
      const { browser, base, csrf } = await atLogin(auth);
      expect((await browser.post(`${base}/passkey`, { csrf, response })).status).toBe(401);
    },
  );

  it('a challenge for adding is of one session', async () => {
    const one = await newOwner();
    const two = await newOwner();
    const asked = await options(one.browser, '/account/passkeys/options', one.csrf);
    const form = { csrf: two.csrf, response: two.passkey.create(asked), label: '' };
    expect((await two.browser.post('/account/passkeys', form)).status).toBe(401);
  });
});

describe('passkeys where the origin is an address', () => {
  it('are neither offered nor served: WebAuthn knows names only', async () => {
    const auth = await startPeopleAuth();
    try {
      const { browser, page, base, csrf } = await atLogin(auth);
      expect(page.text).not.toContain('data-passkey');
      expect((await browser.post(`${base}/passkey/options`, { csrf })).status).toBe(404);
    } finally {
      await auth.stop();
    }
  });
});
