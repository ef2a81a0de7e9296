import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBrowser } from '@clearinghouse/testing';
import { Wallet } from 'ethers';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, authorizationUrl } from '../testing/browser.ts';
import { addPerson, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';

const PASSWORD = 'browser password 1';

describe('signing in with Chromium, under the pages’ own policy', () => {
  let browser: Browser;
  let auth: PeopleAuth;
  let app: { server: Server; redirect: string };
  const faults: string[] = [];
  beforeAll(async () => {
    browser = await startBrowser();
    auth = await startPeopleAuth({}, undefined, 'localhost');
    app = await startApp();
    const metadata = { redirect_uris: [app.redirect], application_type: 'native' };
    await setClientMetadata([auth], auth.seed.publicClientId, metadata);
  });
  afterAll(async () => {
    await browser.close();
    await auth.stop();
    app.server.closeAllConnections();
    app.server.close();
  });

  const start = () => authorizationUrl(auth, { redirect_uri: app.redirect }).url;
  /** A window of somebody new; what its console complains of fails the test. */
  const open = async (): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    faults.length = 0;
    page.on('console', (message) => {
      const text = message.text();
      // A refusal is an answer of its own status, which Chromium writes to the console.
      if (message.type() === 'error' && !/status of 4/.test(text)) faults.push(text);
    });
    page.on('pageerror', (error) => faults.push(error.message));
    return { context, page };
  };
  const codeOf = async (page: Page) => {
    await page.waitForURL(`${app.redirect}?**`);
    expect(faults).toEqual([]);
    return new URL(page.url()).searchParams.get('code');
  };
  const typed = async (page: Page, text: string) => {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  };
  const focused = (page: Page) => page.evaluate('document.activeElement?.textContent?.trim()');

  it('password and consent with the keyboard alone, in the order of the page', async () => {
    const { context, page } = await open();
    await page.goto(start());
    expect(await page.evaluate('document.activeElement?.id')).toBe('email');
    await typed(page, ALICE.email);
    expect(await focused(page)).toBe('Forgot your password?');
    await page.keyboard.press('Tab');
    await page.keyboard.type(ALICE.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Let First app in?');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Allow');
    await page.keyboard.press('Enter');
    expect(await codeOf(page)).toBeTruthy();
    await context.close();
  });

  it('a wrong password is read out, and the cursor stands in the field to mend', async () => {
    const { context, page } = await open();
    await page.goto(start());
    await page.fill('#email', ALICE.email);
    await page.fill('#password', 'not this one');
    await page.click('text=Keep me signed in');
    await page.click('button:has-text("Sign in")');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('The address or the password is wrong');
    expect(await page.evaluate('document.activeElement?.id')).toBe('password');
    expect(await page.inputValue('#email')).toBe(ALICE.email);
    await context.close();
  });

  it('refusing takes the person back to the app with the refusal', async () => {
    const { context, page } = await open();
    await page.goto(start());
    await page.click('text=Cancel');
    await page.waitForURL(`${app.redirect}?**`);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
    await context.close();
  });

  it('a passkey is added to an account and signs in without a name or a password', async () => {
    await addPerson(auth, { email: 'passkey@example.org', password: PASSWORD });
    const { context, page } = await open();
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${auth.config.origin}/account/security`);
    await page.fill('#email', 'passkey@example.org');
    await page.fill('#password', PASSWORD);
    await page.keyboard.press('Enter');
    await page.fill('#label', 'Test device');
    await page.click('text=Add a passkey');
    await page.waitForSelector('text=You can sign in with it from now on');
    expect(await page.textContent('.rows')).toContain('Test device');
    await page.click('text=Sign out');
    await page.waitForSelector('text=You are signed out');
    await page.goto(start());
    await page.click('button:has-text("Passkey")');
    await page.click('text=Allow');
    expect(await codeOf(page)).toBeTruthy();
    await context.close();
  });

  it('a device without a passkey says so, and the other ways stay open', async () => {
    const { context, page } = await open();
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    });
    await page.goto(start());
    await page.click('button:has-text("Passkey")');
    await page.waitForSelector('text=No passkey was used');
    expect(await page.isEnabled('button:has-text("Passkey")')).toBe(true);
    await context.close();
  });

  it('an Ethereum wallet in the browser signs the message and signs in', async () => {
    const wallet = Wallet.createRandom();
    const { context, page } = await open();
    await page.exposeFunction('signAsWallet', async (hex: string) => {
      const text = Buffer.from(hex.slice(2), 'hex').toString('utf8');
      expect(text.split('\n')[0]).toContain(new URL(auth.config.origin).host);
      return wallet.signMessage(text);
    });
    await page.addInitScript(`window.ethereum = {
      request: async ({ method, params }) => {
        if (method === 'eth_requestAccounts') return ['${wallet.address}'];
        if (method === 'eth_chainId') return '0xa4b1';
        if (method === 'personal_sign') return window.signAsWallet(params[0]);
        throw new Error(method);
      },
    };`);
    await page.goto(start());
    await page.click('button:has-text("Ethereum wallet")');
    await page.click('text=Allow');
    expect(await codeOf(page)).toBeTruthy();
    await context.close();
  });

  it('a browser without a wallet, and a wallet that refuses, are told in words', async () => {
    const { context, page } = await open();
    await page.goto(start());
    await page.click('button:has-text("Ethereum wallet")');
    await page.waitForSelector('text=No Ethereum wallet was found');
    await page.evaluate('window.ethereum = { request: async () => { throw { code: 4001 } } }');
    await page.click('button:has-text("Ethereum wallet")');
    await page.waitForSelector('text=The wallet did not sign');
    await context.close();
  });

  it('S24: a script in the name of an app, a hint or an address does not run', async () => {
    const { db } = auth.deps;
    const name = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    await db`update auth.clients set name = ${name} where id = ${auth.seed.publicClientId}`;
    const { context, page } = await open();
    const hint = '"><script>document.title=1</script>';
    const url = authorizationUrl(auth, { redirect_uri: app.redirect, login_hint: hint }).url;
    await page.goto(url);
    expect(await page.title()).toContain('Sign in to');
    expect(await page.inputValue('#email')).toContain('<script>');
    await db`update auth.clients set name = 'First app' where id = ${auth.seed.publicClientId}`;
    await context.close();
  });

  it('another person signs in where one was signed in before, and is that person', async () => {
    await addPerson(auth, { email: 'second@example.org', password: PASSWORD });
    const { context, page } = await open();
    await page.goto(`${auth.config.origin}/account`);
    await page.fill('#email', ALICE.email);
    await page.fill('#password', ALICE.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Your account');
    const params = { redirect_uri: app.redirect, prompt: 'login' };
    await page.goto(authorizationUrl(auth, params).url);
    await page.fill('#email', 'second@example.org');
    await page.fill('#password', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=You are signed in as second@example.org');
    await page.click('text=Allow');
    expect(await codeOf(page)).toBeTruthy();
    await page.goto(`${auth.config.origin}/account`);
    expect(await page.textContent('.headline')).toContain('second@example.org');
    await context.close();
  });

  it('the reference fits a phone and a desk with every route open, its headings in order', async () => {
    const { context, page } = await open();
    await page.goto(`${auth.config.origin}/docs/api`);
    await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))');
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    const levels = await page
      .locator('h1, h2, h3, h4')
      .evaluateAll((all) => all.map(({ tagName }) => Number(tagName.slice(1))));
    const leaps = levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1);
    expect([levels.length > 100, leaps]).toEqual([true, []]);
    await context.close();
  });

  it('a page without scripts still signs in with a password', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(start());
    expect(await page.isVisible('text=Ethereum wallet')).toBe(false);
    await page.fill('#email', ALICE.email);
    await page.fill('#password', ALICE.password);
    await page.click('button:has-text("Sign in")');
    await page.click('text=Allow');
    await page.waitForURL(`${app.redirect}?**`);
    await context.close();
  });
});

/** The app that people sign in to: another origin, which the form's policy must let through. */
async function startApp(): Promise<{ server: Server; redirect: string }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><title>App</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, redirect: `http://127.0.0.1:${port}/cb` };
}
