import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, Browser, csrfOf, interactionOf } from '../testing/browser.ts';
import { atAccount, atLogin, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';

const SCRIPT = '"><script>alert(1)</script>';

describe('pages of sign-in and what others make of them', () => {
  let auth: PeopleAuth;
  beforeAll(async () => {
    auth = await startPeopleAuth();
  });
  afterAll(() => auth.stop());

  const grants = async () => {
    const [row] = await auth.deps.db<{ n: string }[]>`
      select count(*)::text as n from auth.oidc_artifacts where model = 'Grant'`;
    return row?.n;
  };

  it.each([
    ['no token', {}, undefined],
    ['a token of another interaction', { csrf: 'other' }, undefined],
    ['another origin', {}, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site without an origin', {}, { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a sibling site', {}, { origin: 'null', 'sec-fetch-site': 'same-site' }],
    ['neither header', {}, {}],
    [
      'its own site but a foreign origin',
      {},
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
  ])('S20: a login with %s is 403 and signs nobody in', async (_name, form, headers) => {
    const { browser, base, csrf } = await atLogin(auth);
    const hasToken = headers !== undefined;
    const sent = { ...(hasToken ? { csrf } : {}), ...ALICE, ...form };
    const answer = await browser.post(`${base}/password`, sent, headers);
    expect(answer.status).toBe(403);
    expect(browser.cookie('ch_session')).toBeUndefined();
  });

  it('S20: an older browser that sends its origin alone is let through', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    const answer = await browser.post(`${base}/password`, { csrf, ...ALICE }, { origin: auth.url });
    expect(answer.status).toBe(200);
  });

  it('S20: the id of another browser’s interaction is of no use', async () => {
    const { base, csrf } = await atLogin(auth);
    const thief = new Browser(auth.url);
    for (const answer of [
      await thief.get(base),
      await thief.post(`${base}/password`, { csrf, ...ALICE }),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('This sign-in is over');
    }
  });

  it('S20: a consent without its token, or of another interaction, makes no grant', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    const consent = await browser.post(`${base}/password`, { csrf, ...ALICE });
    const before = await grants();
    const path = `${interactionOf(consent)}/consent`;
    expect((await browser.post(path, {})).status).toBe(403);
    expect((await browser.post(path, { csrf })).status).toBe(403);
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await browser.post(path, { csrf: csrfOf(consent) }, foreign)).status).toBe(403);
    expect(await grants()).toBe(before);
  });

  it('a question can be answered only while it is asked', async () => {
    const { browser, base, csrf } = await atLogin(auth);
    expect((await browser.post(`${base}/consent`, { csrf })).status).toBe(400);
    const consent = await browser.post(`${base}/password`, { csrf, ...ALICE });
    const late = await browser.post(`${interactionOf(consent)}/password`, {
      csrf: csrfOf(consent),
      ...ALICE,
    });
    expect(late.status).toBe(400);
  });

  it('S22: every page forbids frames, foreign content and inline code', async () => {
    const { browser, page } = await atLogin(auth);
    const account = await atAccount(auth, ALICE, browser);
    for (const { headers, text } of [page, account.page]) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https:(?!\/\/)/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(text).not.toMatch(/<style|<script(?! src="\/assets\/)| style="| on[a-z]+="/i);
    }
    expect(page.headers.get('content-security-policy')).toContain(
      "form-action 'self' https://client.example;",
    );
  });

  it('S24: names, hints and addresses are shown as text', async () => {
    const { db } = auth.deps;
    await db`update auth.clients set name = ${SCRIPT} where id = ${auth.seed.publicClientId}`;
    const metadata = {
      redirect_uris: ['https://client.example/cb'],
      client_uri: 'https://a.example',
    };
    await setClientMetadata([auth], auth.seed.publicClientId, metadata);
    const { browser, page, base, csrf } = await atLogin(auth, {
      login_hint: SCRIPT,
      state: SCRIPT,
    });
    const wrong = await browser.post(`${base}/password`, { csrf, email: SCRIPT, password: 'x' });
    const consent = await browser.post(`${base}/password`, { csrf, ...ALICE });
    for (const { text } of [page, wrong, consent]) {
      expect(text).not.toContain('<script>alert');
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    }
    await db`update auth.clients set name = 'First app' where id = ${auth.seed.publicClientId}`;
  });

  it('S24: the code of a device and the words of an error are shown as text', async () => {
    const browser = new Browser(auth.url);
    const code = encodeURIComponent(SCRIPT);
    for (const path of [
      `/api/v1/oidc/device?user_code=${code}`,
      `/api/v1/oidc/auth?client_id=${code}&error_description=${code}`,
      `/api/v1/oidc/session/end?post_logout_redirect_uri=${code}&id_token_hint=${code}`,
    ]) {
      expect((await browser.get(path)).text).not.toContain('<script>alert');
    }
  });

  it('S30: the code of a device is never taken from the address', async () => {
    const page = await new Browser(auth.url).get('/api/v1/oidc/device?user_code=ABCD-EFGH');
    expect(page.text).toContain('Type the code that the device shows you');
    expect(page.text).not.toContain('ABCD');
  });

  it.each([
    '/account/sign-in?to=https://evil.example/',
    '/account/sign-in?to=//evil.example',
    '/account?did=<script>',
    '/account/sign-in?return_to=https://evil.example',
  ])('S23: %s leads to no other site', async (path) => {
    const browser = new Browser(auth.url);
    const login = await browser.get(path);
    expect(login.left).toBeUndefined();
    const form = { csrf: csrfOf(login), ...ALICE };
    const done = await browser.post(`${interactionOf(login)}/password`, form);
    expect([done.left, done.url.origin, done.status]).toEqual([undefined, auth.url, 200]);
  });

  it('static files are named by their content, and kept for long', async () => {
    const { page, browser } = await atLogin(auth);
    const paths = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, to]) => to);
    expect(paths.length).toBeGreaterThanOrEqual(3);
    for (const path of paths) {
      const file = await browser.get(path ?? '');
      expect(file.status).toBe(200);
      expect(file.headers.get('cache-control')).toContain('immutable');
    }
    expect((await browser.get('/assets/..%2f..%2fpackage.json')).status).toBe(404);
  });
});

describe('RFC 6265bis: cookies where the origin is https', () => {
  it('have the __Secure- prefix and are sent over TLS only', async () => {
    const auth = await startPeopleAuth({ ORIGIN: 'https://localhost' });
    try {
      const cookies = await new Promise<string[]>((resolve, reject) => {
        const url = `${auth.url}/account/sign-in`;
        request(url, { headers: { host: 'localhost' } }, (response) => {
          response.resume();
          resolve(response.headers['set-cookie'] ?? []);
        })
          .on('error', reject)
          .end();
      });
      expect(cookies.length).toBeGreaterThan(0);
      for (const cookie of cookies) {
        expect(cookie).toMatch(/^__Secure-ch_.*; secure; httponly/i);
        expect(cookie).toMatch(/samesite=lax/i);
      }
    } finally {
      await auth.stop();
    }
  });
});
