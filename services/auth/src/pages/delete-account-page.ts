import type { Account } from '../accounts/account.ts';
import { type AccountView, accountPage, part } from './account-frame.ts';
import { csrfField, field } from './form-parts.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';

/** What somebody without an address types, to say that they mean it. */
export const DELETE_WORD = 'delete';

/** What ends with an account, and the form that ends it. */
export function deleteAccountPage(
  view: AccountView,
  input: {
    readonly account: Account;
    /** Those that nobody else could run. */
    readonly teams: readonly { readonly id: string; readonly name: string }[];
  },
): Page {
  const { account, teams } = input;
  const keeps = account.isOperator || teams.length > 0;
  return accountPage(view, {
    title: 'Delete your account',
    parts: html`<p class="trail"><a href="/account">Profile</a></p>
${part(
  'What ends',
  'At once, and for good.',
  html`<ul class="plain">
<li>You are signed out everywhere, of every app that you let in too.</li>
<li>Keys that apps gave you work no more.</li>
<li>Your name, address, password, passkeys and wallets are forgotten here.</li></ul>`,
)}
${part(
  'What stays',
  'Nobody can read from it who you were.',
  html`<ul class="plain">
<li>What was used and paid stays in the books of the apps, under a number.</li>
<li>An app may keep what it knows of you. Ask there.</li></ul>`,
)}
${part('Delete it', 'Nobody can bring it back: not you, not the operator.', keeps ? reasonsToKeep(account, teams) : deleteForm(view, account))}`,
  });
}

function reasonsToKeep(
  account: Account,
  teams: readonly { readonly id: string; readonly name: string }[],
): Html {
  return html`<div class="stack">${
    account.isOperator &&
    html`<p>You are an operator of this installation. Another operator has to end that first.</p>`
  }${
    teams.length > 0 &&
    html`<p>You are the only owner of these teams. Make somebody else an owner first, or take the others out and give the apps away:</p>
<ul class="rows">${teams.map(({ id, name }) => html`<li><p><a href="/account/teams/${id}">${name}</a></p></li>`)}</ul>`
  }</div>`;
}

function deleteForm(view: AccountView, account: Account): Html {
  const label =
    account.email === null ? `Type “${DELETE_WORD}”` : `Type your address, ${account.email}`;
  return html`<form method="post" action="/account/delete">${csrfField(view.csrf)}
${field({ id: 'sure', label, type: 'text', autocomplete: 'off', isInvalid: view.fault !== undefined })}
<div><button class="bad" type="submit">Delete my account</button></div></form>`;
}
