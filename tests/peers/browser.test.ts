import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findApache, startBrowser } from '@clearinghouse/testing';
import { describe, expect, it } from 'vitest';

describe('the programs of others that this run has', () => {
  it('a Chromium that opens a page of this machine', async () => {
    const server = createServer((_request, response) => response.end('<title>here</title>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(await page.title()).toBe('here');
    } finally {
      await browser.close();
      server.close();
    }
  });

  it('an Apache with mod_auth_openidc', () => {
    expect(findApache()?.modulesDir).toMatch(/modules$/);
  });
});
