import { startBrowser } from '@clearinghouse/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';

const PASSWORD = 'browser password 2';

describe('an account in Chromium, with the keyboard and without scripts', () => {
  let browser: Browser;
  let auth: PeopleAuth;
  beforeAll(async () => {
    browser = await startBrowser();
    auth = await startPeopleAuth({}, undefined, 'localhost');
  });
  afterAll(async () => {
    await browser.close();
    await auth.stop();
  });

  const signIn = async (email: string): Promise<Page> => {
    await addPerson(auth, { email, password: PASSWORD });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${auth.url}/account`);
    await page.fill('#email', email);
    await page.fill('#password', PASSWORD);
    await page.click('button:has-text("Sign in")');
    await page.waitForURL(`${auth.url}/account`);
    return page;
  };

  it('what cannot be undone is asked about first, and can be cancelled', async () => {
    const page = await signIn('careful@example.org');
    await page.goto(`${auth.url}/account/teams`);
    await page.fill('#name', 'Careful');
    await page.click('button:has-text("Create")');
    const sure = page.getByRole('button', { name: 'Yes, leave the team' });
    const ask = page.locator('summary', { hasText: 'Leave the team' });
    expect(await sure.isVisible()).toBe(false);
    await ask.focus();
    await page.keyboard.press('Enter');
    await sure.waitFor();
    expect(await ask.getByText('Cancel').isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await sure.waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    // It is done, but for the one rule that stands in its way.
    await page.waitForSelector('text=A team needs an owner');
    await page.context().close();
  });

  it('an account is deleted by its owner, who types its address', async () => {
    const email = 'leaver@example.org';
    const page = await signIn(email);
    await page.click('text=Delete my account');
    await page.fill('#sure', 'somebody@example.org');
    await page.click('button:has-text("Delete my account")');
    await page.waitForSelector('text=Nothing is deleted');
    await page.fill('#sure', email);
    await page.click('button:has-text("Delete my account")');
    await page.waitForSelector('text=Your account is deleted');
    await page.goto(`${auth.url}/account`);
    await page.fill('#email', email);
    await page.fill('#password', PASSWORD);
    await page.click('button:has-text("Sign in")');
    await page.waitForSelector('text=The address or the password is wrong');
    await page.context().close();
  });
});
