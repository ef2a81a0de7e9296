import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, Browser, csrfOf, interactionOf, type Visit } from '../testing/browser.ts';
import {
  addPerson,
  allow,
  atAccount,
  atLogin,
  type PeopleAuth,
  startPeopleAuth,
} from '../testing/people.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { type GithubDouble, startGithubDouble } from '../testing/start-github-double.ts';

const PASSWORD = 'upstream password 1';

/** The other issuer is another installation of ours; GitHub is a double. */
describe('signing in by another issuer', () => {
  let other: PeopleAuth;
  let github: GithubDouble;
  let auth: PeopleAuth;
  beforeAll(async () => {
    other = await startPeopleAuth();
    github = await startGithubDouble({
      id: 4711,
      login: 'octo',
      name: 'Octo Cat',
      emails: [
        { email: 'octo@example.org', primary: true, verified: true },
        { email: ALICE.email, primary: false, verified: true },
      ],
    });
    const providers = [
      {
        id: 'other',
        name: 'Other',
        issuer: other.config.issuer,
        clientId: other.seed.publicClientId,
      },
      {
        id: 'github',
        kind: 'github',
        issuer: github.url,
        apiUrl: github.url,
        clientId: 'gh',
        clientSecret: 'github-secret',
      },
    ];
    auth = await startPeopleAuth({ UPSTREAM_PROVIDERS: JSON.stringify(providers) });
    const redirect = `${auth.config.origin}/sign-in/callback/other`;
    await setClientMetadata([other], other.seed.publicClientId, { redirect_uris: [redirect] });
  });
  afterAll(async () => {
    await Promise.all([auth.stop(), other.stop()]);
    await github.stop();
  });

  /** Signs in at the other installation; ends where the first one is next. */
  const atOther = async (browser: Browser, path: string, email: string): Promise<Visit> => {
    const there = await browser.get(path);
    const base = `${other.url}${interactionOf(there)}`;
    const form = { csrf: csrfOf(there), email, password: PASSWORD, remember: 'yes' };
    const consent = await browser.post(`${base}/password`, form);
    if (consent.url.origin !== new URL(other.url).origin) return consent;
    return browser.post(`${other.url}${interactionOf(consent)}/consent`, { csrf: csrfOf(consent) });
  };
  const both = () => new Browser(auth.url, [other.url, github.url]);
  const identities = () => auth.deps.db<{ accountId: string; provider: string; label: string }[]>`
    select account_id as "accountId", provider, label from auth.account_identities
    order by created_at`;

  it('OpenID Connect: a new person gets an account with the verified address', async () => {
    await addPerson(other, { email: 'berta@example.org', password: PASSWORD });
    const { browser, page, base } = await atLogin(auth, {}, both());
    expect(page.text).toContain('<span>Other</span>');
    const done = await atOther(browser, `${base}/upstream/other`, 'berta@example.org');
    expect((await allow(browser, done))?.searchParams.get('code')).toBeTruthy();
    const [row] = await auth.deps.db<{ verified: boolean; hasPassword: boolean }[]>`
      select email_verified_at is not null as verified, password_hash is not null as "hasPassword"
      from auth.accounts where email = 'berta@example.org'`;
    expect(row).toEqual({ verified: true, hasPassword: false });
  });

  it('the same person comes back to the same account', async () => {
    const before = await identities();
    const { browser, base } = await atLogin(auth, {}, both());
    const done = await atOther(browser, `${base}/upstream/other`, 'berta@example.org');
    expect((await allow(browser, done))?.searchParams.get('code')).toBeTruthy();
    expect(await identities()).toEqual(before);
  });

  it('whoever must show anew who they are must do so there too, in the words that each side knows', async () => {
    const prompts = async (browser: Browser, base: string) => {
      const found: (string | null)[] = [];
      for (const id of ['other', 'github']) {
        const { left } = await browser.get(`${base}/upstream/${id}`);
        found.push(left?.searchParams.get('prompt') ?? null);
      }
      return found;
    };
    const stranger = await atLogin(auth);
    expect(await prompts(stranger.browser, stranger.base)).toEqual([null, null]);
    const asked = await atLogin(auth, { prompt: 'login' });
    expect(await prompts(asked.browser, asked.base)).toEqual(['login', 'select_account']);
    const { browser } = await atAccount(auth);
    const again = interactionOf(await browser.get('/account/sign-in?to=security'));
    expect(await prompts(browser, again)).toEqual(['login', 'select_account']);
  });

  it('an address of an existing account joins nothing by itself: its owner signs in and says yes', async () => {
    await addPerson(other, { email: `${ALICE.email}.test`, password: PASSWORD });
    await addPerson(auth, { email: `${ALICE.email}.test`, password: PASSWORD });
    const { browser, base } = await atLogin(auth, {}, both());
    const held = await atOther(browser, `${base}/upstream/other`, `${ALICE.email}.test`);
    expect(held.text).toContain('You have an account with the address that Other told us');
    expect(browser.cookie('ch_session')).toBeUndefined();
    const count = (await identities()).length;
    // Nobody may answer before the owner has signed in.
    const early = await browser.post(`${base}/link`, { csrf: csrfOf(held), answer: 'yes' });
    expect(early.status).toBe(400);
    const form = { csrf: csrfOf(held), email: `${ALICE.email}.test`, password: PASSWORD };
    const asked = await browser.post(`${base}/password`, form);
    expect(asked.text).toContain('Add Other to your account?');
    expect((await identities()).length).toBe(count);
    const yes = await browser.post(`${base}/link`, { csrf: csrfOf(asked), answer: 'yes' });
    expect((await allow(browser, yes))?.searchParams.get('code')).toBeTruthy();
    expect((await identities()).length).toBe(count + 1);
  });

  it('who says no is signed in all the same, and nothing is joined', async () => {
    await addPerson(other, { email: 'no@example.org', password: PASSWORD });
    await addPerson(auth, { email: 'no@example.org', password: PASSWORD });
    const { browser, base } = await atLogin(auth, {}, both());
    const held = await atOther(browser, `${base}/upstream/other`, 'no@example.org');
    const form = { csrf: csrfOf(held), email: 'no@example.org', password: PASSWORD };
    const asked = await browser.post(`${base}/password`, form);
    const count = (await identities()).length;
    const no = await browser.post(`${base}/link`, { csrf: csrfOf(asked), answer: 'no' });
    expect((await allow(browser, no))?.searchParams.get('code')).toBeTruthy();
    expect((await identities()).length).toBe(count);
  });

  it('somebody else who signs in meanwhile is not asked, and gets nothing', async () => {
    await addPerson(auth, { email: 'bystander@example.org', password: PASSWORD });
    const { browser, base } = await atLogin(auth, {}, both());
    const held = await atOther(browser, `${base}/upstream/other`, 'no@example.org');
    const form = { csrf: csrfOf(held), email: 'bystander@example.org', password: PASSWORD };
    const next = await browser.post(`${base}/password`, form);
    expect(next.text).not.toContain('Add Other');
    expect((await allow(browser, next))?.searchParams.get('code')).toBeTruthy();
  });

  it('GitHub (OAuth 2.0): the API says who it is, by number; only the primary verified address counts', async () => {
    const { browser, base } = await atLogin(auth, {}, both());
    const done = await browser.get(`${base}/upstream/github`);
    expect((await allow(browser, done))?.searchParams.get('code')).toBeTruthy();
    const [row] = (await identities()).filter(({ provider }) => provider === 'github');
    expect(row?.label).toBe('octo@example.org');
    github.user.login = 'renamed';
    const again = await atLogin(auth, {}, both());
    await again.browser.get(`${again.base}/upstream/github`);
    expect((await identities()).filter(({ provider }) => provider === 'github')).toHaveLength(1);
  });

  /** The address with a good answer in it, not yet visited. */
  const startGithub = async () => {
    const at = await atLogin(auth, {}, both());
    const response = await fetch(`${auth.url}${at.base}/upstream/github`, {
      redirect: 'manual',
      headers: {
        cookie: `ch_interaction=${at.browser.cookie('ch_interaction')?.value}; ch_interaction.sig=${at.browser.cookie('ch_interaction.sig')?.value}`,
      },
    });
    const there = new URL(response.headers.get('location') ?? '');
    const back = await fetch(there, { redirect: 'manual' });
    return { ...at, answer: new URL(back.headers.get('location') ?? '') };
  };

  it('S20: another site does not begin to add its account there to the one here', async () => {
    const email = 'linked@example.org';
    await addPerson(auth, { email, password: PASSWORD });
    const { browser } = await atAccount(auth, { email, password: PASSWORD }, both());
    const before = await identities();
    for (const site of ['cross-site', 'same-site', 'none', undefined]) {
      const headers = site === undefined ? {} : { 'sec-fetch-site': site };
      const answer = await browser.get('/account/upstream/github', headers);
      expect([answer.status, answer.left]).toEqual([403, undefined]);
    }
    expect(await identities()).toEqual(before);
  });

  it('RFC 9700, 4.7: an answer in another browser, twice or with another state signs nobody in', async () => {
    const { browser, answer } = await startGithub();
    const stranger = await atLogin(auth, {}, both());
    expect((await stranger.browser.get(answer.pathname + answer.search)).status).toBe(400);
    const forged = new URL(answer);
    forged.searchParams.set('state', `${answer.searchParams.get('state')?.slice(0, -1)}0`);
    expect((await browser.get(forged.pathname + forged.search)).status).toBe(401);
    const first = await browser.get(answer.pathname + answer.search);
    expect(first.status === 200 || first.left !== undefined).toBe(true);
    expect((await browser.get(answer.pathname + answer.search)).status).toBe(400);
  });

  it('RFC 9700, 4.4: the answer of one issuer is not taken for another’s', async () => {
    const { browser, answer } = await startGithub();
    const mixed = answer.pathname.replace('/github', '/other') + answer.search;
    expect((await browser.get(mixed)).status).toBe(401);
  });

  it('RFC 9207: an answer with the name of another issuer is refused', async () => {
    await addPerson(other, { email: 'mix@example.org', password: PASSWORD });
    const browser = both();
    const { base } = await atLogin(auth, {}, browser);
    browser.sites.delete(auth.url);
    const cookie = ['ch_interaction', 'ch_interaction.sig']
      .map((name) => `${name}=${browser.cookie(name)?.value}`)
      .join('; ');
    const start = await fetch(`${auth.url}${base}/upstream/other`, {
      redirect: 'manual',
      headers: { cookie },
    });
    const done = await atOther(browser, start.headers.get('location') ?? '', 'mix@example.org');
    const answer = done.left ?? new URL('http://nowhere.example');
    expect(answer.searchParams.get('iss')).toBe(other.config.issuer);
    answer.searchParams.set('iss', 'https://evil.example');
    browser.sites.add(auth.url);
    expect((await browser.get(answer.pathname + answer.search)).status).toBe(401);
  });

  it.each([
    ['a code that is none', 'code=nothing'],
    ['an error', 'error=access_denied'],
    ['nothing', ''],
  ])('%s in the answer is a sign-in that failed, told without its words', async (_name, query) => {
    const { browser, answer } = await startGithub();
    const state = answer.searchParams.get('state') ?? '';
    const path = `${answer.pathname}?state=${encodeURIComponent(state)}&${query}`;
    const page = await browser.get(`${path}&error_description=<script>`);
    expect(page.status).toBe(401);
    expect(page.text).toContain('The other side did not sign you in');
    expect(page.text).not.toContain('<script>');
  });

  it.each([
    '/sign-in/callback/github',
    '/sign-in/callback/github?state=x',
    '/sign-in/callback/none?state=../../x.00',
  ])('%s leads nowhere', async (path) => {
    const page = await both().get(path);
    expect([page.status, page.left]).toEqual([400, undefined]);
  });

  it('a provider that is not configured is unknown, one that is away is said to be', async () => {
    const { browser, base } = await atLogin(auth, {}, both());
    expect((await browser.get(`${base}/upstream/none`)).status).toBe(404);
    const providers = [{ id: 'gone', issuer: 'http://127.0.0.1:1', clientId: 'x' }];
    const alone = await startPeopleAuth({ UPSTREAM_PROVIDERS: JSON.stringify(providers) });
    try {
      const at = await atLogin(alone);
      const page = await at.browser.get(`${at.base}/upstream/gone`);
      expect([page.status, page.text.includes('cannot be reached')]).toEqual([503, true]);
    } finally {
      await alone.stop();
    }
  });

  it('is added to an account by its owner, and to no second one', async () => {
    github.user.id = 815;
    github.user.emails = [];
    const { browser } = await atAccount(auth, ALICE, both());
    const added = await browser.follow('/account/upstream/github');
    expect(added.text).toContain('You can sign in with it from now on');
    const second = await atAccount(auth, { email: 'no@example.org', password: PASSWORD }, both());
    const refused = await second.browser.follow('/account/upstream/github');
    expect([refused.status, refused.text.includes('belongs to an account')]).toEqual([409, true]);
  });
});
