import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLES } from './fixtures/sample-pages.ts';
import { renderPage } from './frame.ts';
import { html, trustedMarkup } from './html.ts';
import { allowedLogo, type PageKit } from './page.ts';
import { formTargetOf, type PageContext, sendPage } from './send-page.ts';

const KIT: PageKit = {
  installationName: 'Clearinghouse',
  origin: 'https://auth.example',
  logoOrigins: ['https://cdn.example'],
  asset: (name) => `/assets/${name}`,
};

describe('templates', () => {
  it('escape every value, in elements and attributes', () => {
    const evil = `<script>"'&`;
    expect(html`<p title="${evil}">${evil}</p>`.markup).toBe(
      '<p title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;</p>',
    );
    expect(html`${['<', html`<b>${'>'}</b>`, false, null]}`.markup).toBe('&lt;<b>&gt;</b>');
  });

  it('leave out what is not there, and keep what is zero', () => {
    expect(html`${false}${null}${undefined}${0}`.markup).toBe('0');
    expect(html`${trustedMarkup('<i>')}`.markup).toBe('<i>');
  });

  it('an object that only looks like markup is text', () => {
    const forged = { markup: '<script>' } as unknown as string;
    expect(html`${forged}`.markup).not.toContain('<script>');
  });
});

describe.each(SAMPLES)('WCAG 2.2: the page “$name”', ({ page }) => {
  const text = renderPage(KIT, page);

  it('has a language, a title, one heading and one main part', () => {
    expect(text).toMatch(/<html lang="en">/);
    expect(text).toMatch(/<title>[^<]+ · Clearinghouse<\/title>/);
    expect(text.match(/<h1[ >]/g)).toHaveLength(1);
    expect(text.match(/<main[ >]/g)).toHaveLength(1);
  });

  it('names every field by a label', () => {
    const fields = text.match(/<input(?![^>]*(type="hidden"|aria-hidden="true"))[^>]*>/g) ?? [];
    for (const field of fields) {
      const id = /\bid="([^"]+)"/.exec(field)?.[1];
      const isInLabel = text.includes(`<label class="check">${field}`);
      expect(isInLabel || (id !== undefined && text.includes(`<label for="${id}">`))).toBe(true);
    }
  });

  it('has no id twice, and refers to none that is not there', () => {
    const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const refs = [...text.matchAll(/aria-(?:labelledby|describedby)="([^"]+)"/g)];
    for (const [, list = ''] of refs) {
      for (const ref of list.split(' ')) expect(ids).toContain(ref);
    }
  });

  it('says what is wrong with each field that is marked as wrong', () => {
    for (const [field] of text.matchAll(/<input[^>]*aria-invalid="true"[^>]*>/g)) {
      expect(field).toMatch(/aria-describedby="notice[ "]/);
      expect(text).toMatch(/<p class="notice fault" id="notice" role="alert"[^>]*>[^<]+/);
    }
  });

  it('has no style, script or handler of its own: the policy would drop them', () => {
    expect(text).not.toMatch(/<style|\sstyle="|\son[a-z]+="|<script>|javascript:/i);
  });

  it('every form of ours carries its token', () => {
    for (const [form] of text.matchAll(/<form method="post"[\s\S]*?<\/form>/g)) {
      expect(form).toMatch(/name="(csrf|xsrf)"/);
    }
  });
});

describe('WCAG 2.2, 1.4.3 and 1.4.11: colours of the stylesheet', () => {
  const css = readFileSync(join(import.meta.dirname, '../../assets/pages.css'), 'utf8');
  const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]+)\}/g)].map(([, body]) => body);
  const day = tokens(light);
  const night = { ...day, ...tokens(dark) };
  const PAIRS: readonly (readonly [string, string, number])[] = [
    ['ink', 'leaf', 4.5],
    ['ink', 'desk', 4.5],
    ['ink', 'field', 4.5],
    ['faint', 'leaf', 4.5],
    ['faint', 'desk', 4.5],
    ['accent', 'leaf', 4.5],
    ['accent', 'desk', 4.5],
    ['accent-ink', 'accent', 4.5],
    ['accent-ink', 'accent-deep', 4.5],
    ['stub-ink', 'stub', 4.5],
    ['stub-faint', 'stub', 4.5],
    ['bad', 'leaf', 4.5],
    ['bad', 'bad-wash', 4.5],
    ['ink', 'good-wash', 4.5],
    ['good', 'good-wash', 4.5],
    ['edge', 'leaf', 3],
    ['focus', 'leaf', 3],
    ['focus', 'desk', 3],
  ];
  it.each(PAIRS)('%s on %s is at least %d to 1, by day and by night', (front, back, ratio) => {
    for (const scheme of [day, night]) {
      expect(contrast(scheme[front] ?? '', scheme[back] ?? '')).toBeGreaterThanOrEqual(ratio);
    }
  });
});

describe('the policy of a page', () => {
  it.each([
    ['https://app.example/cb?x=1', ['https://app.example']],
    ['http://127.0.0.1:4321/cb', ['http://127.0.0.1:4321']],
    ['http://[::1]:4321/cb', ['http:']],
    ['com.example.app:/cb', ['com.example.app:']],
    ['not a url', []],
    [undefined, []],
  ])('lets forms end at %s', (redirect, expected) => {
    expect(formTargetOf(redirect)).toEqual(expected);
  });

  it.each([
    ['https://cdn.example/logo.png', 'https://cdn.example/logo.png'],
    ['https://auth.example/logo.png', 'https://auth.example/logo.png'],
    ['https://evil.example/logo.png', undefined],
    ['http://cdn.example/logo.png', undefined],
    ['javascript:alert(1)', undefined],
    [undefined, undefined],
  ])('shows the logo %s only from a known origin', (uri, expected) => {
    expect(allowedLogo(KIT, uri)).toBe(expected);
  });

  it('cannot be widened by what an app registered', () => {
    const headers = new Map<string, string>();
    const ctx: PageContext = {
      set: (name, value) => void headers.set(name, value),
      type: '',
      status: 200,
      body: '',
    };
    const targets = formTargetOf("https://a.example/cb;script-src 'unsafe-inline'");
    sendPage(ctx, KIT, { title: 'x', body: html`x`, formTargets: targets });
    const policy = headers.get('Content-Security-Policy') ?? '';
    expect(policy.match(/script-src/g)).toHaveLength(1);
    expect(policy).not.toContain('unsafe');
  });
});

function tokens(body: string): Record<string, string> {
  const found = [...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name, value]));
}

/** WCAG 2.2, definition of the contrast ratio. */
function contrast(one: string, two: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(two)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
