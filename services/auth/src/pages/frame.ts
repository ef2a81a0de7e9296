import { type Html, html } from './html.ts';
import type { Page, PageKit, Stub } from './page.ts';

/** The mark of this software: a stamped tick on a torn edge. Drawn by the stylesheet's colours. */
const MARK = html`<svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false"><path d="M5 4h22v24l-3.7-2.6L19.7 28 16 25.4 12.3 28l-3.6-2.6L5 28z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/><path d="M10.5 14.5l4 4 7-8" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/** Puts a page into its frame: a slip with a stub for one question, a sheet for lists. */
export function renderPage(kit: PageKit, page: Page): string {
  const { title, scripts = [] } = page;
  const head = html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${kit.installationName}</title>
<link rel="icon" href="${kit.asset('favicon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${kit.asset('pages.css')}">
${scripts.map((name) => html`<script src="${kit.asset(name)}" defer></script>`)}`;
  const body = page.isWide ? sheet(kit, page) : slip(kit, page);
  return `<!doctype html>\n${html`<html lang="en"><head>${head}</head><body>
<a class="skip" href="#main">Skip to the content</a>
${body}</body></html>`}`;
}

function slip(kit: PageKit, page: Page): Html {
  const stub = page.stub ?? { name: kit.installationName };
  return html`<div class="desk"><div class="slip">
<header class="stub">${stubBody(stub, page.stub === undefined)}${
    page.stub !== undefined &&
    html`<p class="house">${MARK}<span>${kit.installationName}</span></p>`
  }</header>
<main class="leaf" id="main" tabindex="-1">${page.body}</main>
</div></div>`;
}

function stubBody(stub: Stub, isOwn: boolean): Html {
  const { name, line, logo, facts = [] } = stub;
  const initial = [...name.trim()][0]?.toUpperCase() ?? '?';
  return html`<div class="who">${
    logo
      ? html`<img class="logo" src="${logo}" alt="" width="56" height="56" referrerpolicy="no-referrer">`
      : html`<span class="logo monogram" aria-hidden="true">${isOwn ? MARK : initial}</span>`
  }<div><p class="name">${name}</p>${line && html`<p class="line">${line}</p>`}</div></div>${
    facts.length > 0 &&
    html`<dl class="facts">${facts.map(
      ({ term, value }) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`,
    )}</dl>`
  }`;
}

function sheet(kit: PageKit, page: Page): Html {
  return html`<header class="bar"><a class="house" href="/account">${MARK}<span>${kit.installationName}</span></a></header>
<main class="sheet" id="main" tabindex="-1">${page.body}</main>`;
}
