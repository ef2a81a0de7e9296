import { type Browser, chromium } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

// The sandbox needs what containers and root do not have; only our own pages are opened.
const ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];

/**
 * Starts a real Chromium without a window; the caller closes it.
 *
 * @throws Error when there is none: set CHROMIUM or put `chromium` on PATH.
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: set CHROMIUM, or install it');
  return await chromium.launch({ executablePath, args: ARGS });
}
