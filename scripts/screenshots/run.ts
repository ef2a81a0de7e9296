import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from 'playwright-core';

// Draws every page of sign-in and accounts in Chromium, on a phone and on a desk, by day and by
// night, into docs/screenshots, with an index. `npm run screenshots [name …]`

type Served = { readonly origin: string; readonly pages: { name: string; about: string }[] };

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/screenshots');
const BYTES_MAX = 120_000;
const SHAPES = [
  { name: 'phone', width: 390, height: 780 },
  { name: 'desk', width: 1280, height: 800 },
] as const;
/** Shown by night too. */
const MAIN = ['login', 'consent', 'device-confirm', 'account-security'];

const only = process.argv.slice(2);
const samples = spawn(process.execPath, [
  join(ROOT, 'services/auth/src/pages/fixtures/serve-samples.ts'),
]);
samples.stderr.pipe(process.stderr);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  const served = await firstLine();
  mkdirSync(FOLDER, { recursive: true });
  for (const { name } of served.pages) {
    if (only.length > 0 && !only.includes(name)) continue;
    await draw(browser, served.origin, name, 'light');
    if (MAIN.includes(name)) await draw(browser, served.origin, name, 'dark');
  }
  writeFileSync(join(FOLDER, 'README.md'), index(served));
} finally {
  await browser.close();
  samples.stdin.end();
}

async function firstLine(): Promise<Served> {
  for await (const line of createInterface({ input: samples.stdout })) return JSON.parse(line);
  throw new Error('the sample pages are not served');
}

async function draw(
  at: Browser,
  origin: string,
  name: string,
  colorScheme: 'light' | 'dark',
): Promise<void> {
  for (const { name: shape, width, height } of SHAPES) {
    const page = await at.newPage({ viewport: { width, height }, colorScheme });
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(`${origin}/${name}`, { waitUntil: 'networkidle' });
    const isCut = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    if (isCut) faults.push('wider than its window');
    if (faults.length > 0) throw new Error(`${name} ${shape}: ${faults.join('; ')}`);
    const bytes = await page.screenshot({ fullPage: true, animations: 'disabled' });
    if (bytes.length > BYTES_MAX) throw new Error(`${name} ${shape}: ${bytes.length} bytes`);
    writeFileSync(join(FOLDER, fileOf(name, shape, colorScheme)), bytes);
    await page.close();
  }
}

function fileOf(name: string, shape: string, colorScheme: string): string {
  return `${name}-${shape}${colorScheme === 'dark' ? '-dark' : ''}.png`;
}

function index({ pages }: Served): string {
  const head = [
    '# Pages of sign-in and accounts',
    '',
    'Drawn by `npm run screenshots` from the pages themselves, in Chromium, 390 and 1280 wide.',
    '',
  ];
  const parts = pages.flatMap(({ name, about }) => {
    const schemes = MAIN.includes(name) ? ['light', 'dark'] : ['light'];
    const images = schemes.flatMap((scheme) =>
      SHAPES.map(({ name: shape }) => {
        const wide = shape === 'phone' ? 200 : 520;
        const file = fileOf(name, shape, scheme);
        return `<img src="${file}" width="${wide}" alt="${about}, ${shape}, ${scheme}">`;
      }),
    );
    return [`## ${about}`, '', ...images, ''];
  });
  return `${[...head, ...parts].join('\n').trimEnd()}\n`;
}
