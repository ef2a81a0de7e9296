import { csrfField } from './form-parts.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { scopeWords } from './scope-words.ts';
import type { SignInView } from './sign-in-view.ts';

/** Where somebody lets an app in, or does not. */
export function consentPage(
  view: SignInView,
  ask: { readonly scopes: readonly string[]; readonly who: string },
): Page {
  const { appName, base, csrf } = view;
  return {
    title: `Let ${appName} in?`,
    stub: view.stub,
    formTargets: view.formTargets,
    body: html`<h1>Let ${appName} in?</h1>
<p class="lead">You are signed in as <strong>${ask.who}</strong>.</p>
${
  ask.scopes.length > 0
    ? html`<div class="stack"><h2 id="asks">It would like to</h2>${scopeList(ask.scopes)}</div>`
    : html`<p>It asks for nothing that you have not allowed before.</p>`
}
<div class="pair">
<form method="post" action="${base}/consent">${csrfField(csrf)}<button type="submit">Allow</button></form>
<form method="post" action="${base}/abort">${csrfField(csrf)}<button class="quiet" type="submit">Refuse</button></form>
</div>
<p class="foot">You can take this back in <a href="/account/apps">your account</a>.</p>`,
  };
}

/** Scopes as a list in words. */
export function scopeList(scopes: readonly string[]): Html {
  return html`<ul class="asks" aria-labelledby="asks">${scopes.map((scope) => {
    const { says, more } = scopeWords(scope);
    return html`<li><span>${says}${more && html`<span class="hint">${more}</span>`}</span></li>`;
  })}</ul>`;
}
