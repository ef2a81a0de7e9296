import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { startBrowser } from '@clearinghouse/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issuer } from '../../../scripts/conformance/issuer/open-issuer.ts';
import { startIssuer } from './fixture-issuer.ts';
import { type Site, startSite } from './fixture-site.ts';

const PACKAGE = createRequire(import.meta.url).resolve('oidc-client-ts/package.json');
const BUNDLE = readFileSync(join(dirname(PACKAGE), 'dist/browser/oidc-client-ts.min.js'));
const PAGE = `<!doctype html><link rel="icon" href="data:,"><title>App</title>
<script src="/oidc-client-ts.js"></script><script src="/app.js"></script>`;

describe('oidc-client-ts 3.5.0 in Chromium, from another origin', () => {
  let issuer: Issuer;
  let app: Site;
  let stranger: Site;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    issuer = await startIssuer();
    app = await startSite(singlePageApp);
    stranger = await startSite(singlePageApp);
    await issuer.setPublicClient({
      redirect_uris: [`${app.origin}/callback`],
      post_logout_redirect_uris: [`${app.origin}/bye`],
      allowed_origins: [app.origin],
    });
    browser = await startBrowser();
    page = await browser.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([app?.stop(), stranger?.stop()]);
    await issuer?.stop();
  });

  /** The single-page app: its scripts, and the same page at every address. */
  async function singlePageApp(origin: string) {
    const clientId = await issuer.setPublicClient({});
    const settings = {
      authority: issuer.url,
      client_id: clientId,
      redirect_uri: `${origin}/callback`,
      post_logout_redirect_uri: `${origin}/bye`,
      scope: 'openid email',
      loadUserInfo: true,
    };
    const script = `window.manager = new oidc.UserManager(${JSON.stringify(settings)});`;
    return (
      request: { url?: string | undefined },
      response: {
        setHeader: (name: string, value: string) => unknown;
        end: (body: string | Buffer) => unknown;
      },
    ) => {
      const isScript = request.url?.endsWith('.js') === true;
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      if (request.url === '/app.js') response.end(script);
      else response.end(isScript ? BUNDLE : PAGE);
    };
  }
  const user = (expression: string) =>
    page.evaluate(
      `${expression}.then((user) => user && ({ ...user, profile: user.profile }))`,
    ) as Promise<{
      access_token: string;
      refresh_token?: string;
      profile: Record<string, unknown>;
    }>;
  /** Leaves the page, so its promise is not waited for. */
  const leave = (expression: string) => page.evaluate(`void ${expression}`);

  it('login: redirect, sign-in pages, callback; claims of userinfo over CORS', async () => {
    await page.goto(app.origin);
    await leave('manager.signinRedirect()');
    await page.fill('#email', issuer.person.email);
    await page.fill('#password', issuer.person.password);
    await page.keyboard.press('Enter');
    await page.click('button:has-text("Allow")');
    await page.waitForURL(`${app.origin}/callback?**`);
    const { profile, refresh_token } = await user('manager.signinRedirectCallback()');
    expect(profile).toMatchObject({ email: issuer.person.email, iss: issuer.url });
    expect(refresh_token).toBeTruthy();
  });

  it('login in a popup: the window that opened it gets the answer', async () => {
    const here = page;
    const context = await browser.newContext();
    page = await context.newPage();
    await page.goto(app.origin);
    const opened = page.waitForEvent('popup');
    const done = page.evaluate(
      'manager.signinPopup({ popupWindowFeatures: {} }).then((user) => user.profile.email)',
    );
    const popup = await opened;
    await popup.fill('#email', issuer.person.email);
    await popup.fill('#password', issuer.person.password);
    await popup.keyboard.press('Enter');
    await popup.click('button:has-text("Allow")');
    await popup.waitForURL(`${app.origin}/callback?**`);
    await popup.evaluate('manager.signinPopupCallback()');
    expect(await done).toBe(issuer.person.email);
    await context.close();
    page = here;
  });

  it('response_mode=form_post: the form submits itself under our policy, to the app alone', async () => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    const refused: string[] = [];
    tab.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url');
    const query = new URLSearchParams({
      client_id: await issuer.setPublicClient({}),
      redirect_uri: `${app.origin}/callback`,
      response_type: 'code',
      response_mode: 'form_post',
      scope: 'openid',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    await tab.goto(`${issuer.url}/auth?${query}`);
    await tab.fill('#email', issuer.person.email);
    await tab.fill('#password', issuer.person.password);
    const posted = tab.waitForRequest(`${app.origin}/callback`);
    const form = tab.waitForResponse(
      (answer) => answer.status() === 200 && /\/auth\/[^/]+$/.test(new URL(answer.url()).pathname),
    );
    await tab.keyboard.press('Enter');
    await tab.click('button:has-text("Allow")', { timeout: 2_000 }).catch(() => undefined);
    const request = await posted;
    expect(request.method()).toBe('POST');
    expect(new URLSearchParams(request.postData() ?? '').get('code')).toBeTruthy();
    const policy = (await (await form).headerValue('content-security-policy')) ?? '';
    expect(policy).toContain(`form-action 'self' ${app.origin}`);
    expect(policy).toMatch(/script-src 'self' 'sha256-[^']+';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(refused).toEqual([]);
    await context.close();
  });

  it('silent renewal by the refresh token: other tokens, the same person', async () => {
    const before = await user('manager.getUser()');
    const after = await user('manager.signinSilent()');
    expect(after.access_token).not.toBe(before.access_token);
    expect(after.refresh_token).not.toBe(before.refresh_token);
    expect(after.profile.sub).toBe(before.profile.sub);
  });

  it('S26: the same token from an origin that is not listed: the browser keeps the answer', async () => {
    const { access_token } = await user('manager.getUser()');
    const ask = (url: string, init: object) =>
      page.evaluate(
        `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then((a) => a.status, () => 'kept')`,
      );
    const me = { headers: { authorization: `Bearer ${access_token}` } };
    expect(await ask(`${issuer.url}/me`, me)).toBe(200);
    const other = await browser.newPage();
    const here = page;
    page = other;
    await page.goto(stranger.origin);
    expect(await ask(`${issuer.url}/me`, me)).toBe('kept');
    const clientId = await issuer.setPublicClient({});
    const token = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=refresh_token&refresh_token=wrong&client_id=${clientId}`,
    };
    expect(await ask(`${issuer.url}/token`, token)).toBe('kept');
    await other.close();
    page = here;
  });

  it('logout: asked once, back at the app, signed in nowhere', async () => {
    const { refresh_token } = await user('manager.getUser()');
    await leave('manager.signoutRedirect({ state: "bye" })');
    await page.click('button:has-text("Sign out of everything")');
    await page.waitForURL(`${app.origin}/bye?**`);
    await page.evaluate('manager.signoutRedirectCallback()');
    expect(await page.evaluate('manager.getUser()')).toBeNull();
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refresh_token ?? '',
      client_id: await issuer.setPublicClient({}),
    });
    const answer = await fetch(`${issuer.url}/token`, { method: 'POST', body: form });
    expect(answer.status).toBe(400);
    await leave('manager.signinRedirect()');
    await page.waitForSelector('#password');
  });
});
