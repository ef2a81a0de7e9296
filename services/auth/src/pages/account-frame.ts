import { csrfField, notice } from './form-parts.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';

/** What every page of an account knows. */
export type AccountView = {
  readonly section: string;
  readonly csrf: string;
  /** Who is signed in, for people. */
  readonly who: string;
  readonly fault?: string | undefined;
  readonly done?: string | undefined;
  readonly status?: number | undefined;
  /** Signed in a moment ago: may change how to sign in. */
  readonly isFresh: boolean;
};

const TABS = [
  ['profile', '/account', 'Profile'],
  ['security', '/account/security', 'Signing in'],
  ['sessions', '/account/sessions', 'Sessions'],
  ['apps', '/account/apps', 'Apps'],
  ['teams', '/account/teams', 'Teams'],
] as const;

/** A page of an account: its name, the others, and its parts. */
export function accountPage(
  view: AccountView,
  page: { readonly title: string; readonly parts: Html; readonly scripts?: readonly string[] },
): Page {
  const { section, csrf, who, fault, done } = view;
  return {
    title: page.title,
    isWide: true,
    status: view.status ?? 200,
    ...(page.scripts ? { scripts: page.scripts } : {}),
    body: html`<div class="headline"><div><h1>Your account</h1><p class="hint">${who}</p></div>
<form method="post" action="/account/sign-out">${csrfField(csrf)}<button class="quiet small" type="submit">Sign out</button></form></div>
<nav aria-label="Your account"><ul class="tabs">${TABS.map(
      ([name, href, label]) =>
        html`<li><a href="${href}"${name === section && html` aria-current="page"`}>${label}</a></li>`,
    )}</ul></nav>
${notice({ fault, done })}
<div>${page.parts}</div>`,
  };
}

/** One part: what it is at the side, what can be done beside it. */
export function part(title: string, about: string, body: Html): Html {
  const id = `part-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return html`<section class="part" aria-labelledby="${id}"><header><h2 id="${id}">${title}</h2><p class="hint">${about}</p></header><div>${body}</div></section>`;
}

/**
 * A button that does one thing to one row.
 *
 * @param options.ask what it comes to, where it cannot be undone: the button then opens this
 * question, and another one beneath it does it.
 */
export function rowAction(
  csrf: string,
  action: string,
  label: string,
  options: { readonly isBad?: boolean; readonly about?: string; readonly ask?: string } = {},
): Html {
  const { isBad = false, about, ask } = options;
  const what = about && html`<span class="unseen"> ${about}</span>`;
  if (ask === undefined) {
    return html`<form method="post" action="${action}">${csrfField(csrf)}<button class="${isBad ? 'bad' : 'quiet'} small" type="submit">${label}${what}</button></form>`;
  }
  return html`<details class="ask"><summary class="button bad small"><span>${label}${what}</span><span>Cancel</span></summary>
<form method="post" action="${action}">${csrfField(csrf)}<p>${ask}</p><button class="bad small" type="submit">Yes, ${lowerFirst(label)}${what}</button></form></details>`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** What stands in the place of forms that need a sign-in of this moment. */
export function signInAgain(section: string): Html {
  return html`<p class="hint">To change this, <a href="/account/sign-in?to=${section}">sign in again</a>.</p>`;
}
