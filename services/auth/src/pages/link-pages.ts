import { csrfField } from './form-parts.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';
import type { SignInView } from './sign-in-view.ts';

/** What the page of a sign-in says while another issuer's name waits for its owner. */
export function linkFirstWords(provider: string): string {
  return `You have an account with the address that ${provider} told us. Sign in to it as before; then you can add ${provider}.`;
}

/** Where the owner of an account says whether another way in is added. */
export function linkPage(
  view: SignInView,
  ask: { readonly provider: string; readonly label: string; readonly who: string },
): Page {
  const { base, csrf } = view;
  const { provider, label, who } = ask;
  const answer = (value: string, text: string, isQuiet: boolean) =>
    html`<form method="post" action="${base}/link">${csrfField(csrf)}<input type="hidden" name="answer" value="${value}"><button type="submit"${isQuiet && html` class="quiet"`}>${text}</button></form>`;
  return {
    title: `Add ${provider} to your account?`,
    stub: view.stub,
    formTargets: view.formTargets,
    body: html`<h1>Add ${provider} to your account?</h1>
<p class="lead">You are signed in as <strong>${who}</strong>. From now on whoever signs in to ${provider} as <strong>${label}</strong> is signed in to this account.</p>
<div class="pair">${answer('yes', `Add ${provider}`, false)}${answer('no', 'Not now', true)}</div>`,
  };
}
