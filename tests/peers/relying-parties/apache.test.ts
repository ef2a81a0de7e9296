import { startBrowser } from '@clearinghouse/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issuer } from '../../../scripts/conformance/issuer/open-issuer.ts';
import { startApache } from './fixture-apache.ts';
import { startIssuer } from './fixture-issuer.ts';
import type { Site } from './fixture-site.ts';

describe('mod_auth_openidc in Apache, unmodified, with Chromium', () => {
  let issuer: Issuer;
  let apache: Site;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    issuer = await startIssuer();
    apache = await startApache(issuer, (origin) =>
      issuer.makeClient({
        redirect_uris: [`${origin}/private/callback`],
        post_logout_redirect_uris: [`${origin}/`],
      }),
    );
    browser = await startBrowser();
    page = await browser.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await apache?.stop();
    await issuer?.stop();
  });
  const isLetIn = async (at: Page) => (await at.textContent('body'))?.includes('who are let in');

  it('a page behind it: over sign-in and consent back to the page, as the person', async () => {
    const asked = page.waitForRequest((request) => request.url().startsWith(`${issuer.url}/auth?`));
    await page.goto(`${apache.origin}/private/`);
    const params = new URL((await asked).url()).searchParams;
    expect(params.get('code_challenge_method')).toBe('S256');
    await page.fill('#email', issuer.person.email);
    await page.fill('#password', issuer.person.password);
    await page.keyboard.press('Enter');
    await page.click('button:has-text("Allow")');
    await page.waitForURL(`${apache.origin}/private/`);
    expect(await isLetIn(page)).toBe(true);
  });

  it('its session lasts, and says who it is', async () => {
    const again = await page.goto(`${apache.origin}/private/`);
    expect(again?.request().redirectedFrom()).toBeNull();
    expect(again?.headers()['x-let-in']).toBe(issuer.person.email);
  });

  it('a browser without a session is asked, and a made-up response refused', async () => {
    const context = await browser.newContext();
    const stranger = await context.newPage();
    await stranger.goto(`${apache.origin}/private/`);
    expect(new URL(stranger.url()).origin).toBe(issuer.origin);
    const forged = await stranger.goto(`${apache.origin}/private/callback?code=x&state=y`);
    expect(forged?.status()).toBeGreaterThanOrEqual(400);
    expect(await isLetIn(stranger)).toBe(false);
    await context.close();
  });

  it('its logout ends the session at the issuer too, and comes back', async () => {
    const to = encodeURIComponent(`${apache.origin}/`);
    await page.goto(`${apache.origin}/private/callback?logout=${to}`);
    await page.click('button:has-text("Sign out of everything")');
    await page.waitForURL(`${apache.origin}/`);
    await page.goto(`${apache.origin}/private/`);
    expect(await page.textContent('h1')).toBe('Sign in');
  });
});
