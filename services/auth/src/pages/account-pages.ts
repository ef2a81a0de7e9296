import type { Account } from '../accounts/account.ts';
import type { AllowedApp, SignInMethods } from '../accounts/describe-account.ts';
import { PASSWORD_CHARS_MIN } from '../accounts/password-rules.ts';
import { type AccountView, accountPage, part, rowAction, signInAgain } from './account-frame.ts';
import { csrfField, field, when } from './form-parts.ts';
import { DOOR_GLYPH, KEY_GLYPH, WALLET_GLYPH } from './glyphs.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { scopeWords } from './scope-words.ts';
import type { SignInWays } from './sign-in-view.ts';

/**
 * Name and address.
 *
 * @param typed what was refused, to be mended where it was typed.
 */
export function profilePage(
  view: AccountView,
  account: Account,
  typed: { readonly name?: string; readonly email?: string } = {},
): Page {
  const { csrf, isFresh } = view;
  const isOff = { name: typed.name !== undefined, email: typed.email !== undefined };
  const name = html`<form method="post" action="/account/profile"><div class="inline">${csrfField(csrf)}
${field({ id: 'name', label: 'Name', type: 'text', autocomplete: 'name', value: typed.name ?? account.displayName ?? '', maxLength: 100, isOptional: true, isInvalid: isOff.name, isFirst: isOff.name })}
<button class="quiet" type="submit">Save</button></div></form>`;
  const state = account.emailVerifiedAt === null ? 'Not confirmed yet' : 'Confirmed';
  const email = html`${account.email !== null && html`<p>${account.email} <span class="tag">${state}</span></p>`}${
    isFresh
      ? html`<form method="post" action="/account/email"><div class="inline">${csrfField(csrf)}
${field({ id: 'email', label: account.email === null ? 'Address' : 'Another address', type: 'email', autocomplete: 'email', value: typed.email, isInvalid: isOff.email, isFirst: isOff.email })}
<button class="quiet" type="submit">Send a link</button></div></form>`
      : signInAgain('profile')
  }`;
  return accountPage(view, {
    title: 'Your account',
    parts: html`${part('Name', 'Apps that ask for it are told.', name)}
${part('Email address', 'For signing in, and for mails about your account.', email)}
${part('Identifier', 'Support may ask for it. It is no secret.', html`<p><code>${account.id}</code></p>`)}
${part('Delete this account', 'It says what ends and what stays before anything is done.', isFresh ? html`<div><a class="button bad small" href="/account/delete">Delete my account</a></div>` : signInAgain('profile'))}`,
  });
}

/** Password, passkeys, wallets, other issuers. */
export function securityPage(
  view: AccountView,
  input: {
    readonly account: Account;
    readonly methods: SignInMethods;
    readonly ways: SignInWays;
    readonly providerNames: ReadonlyMap<string, string>;
  },
): Page {
  const { account, ways } = input;
  return accountPage(view, {
    title: 'Signing in',
    scripts: [
      ...(ways.passkey ? ['webauthn.js', 'passkey.js'] : []),
      ...(ways.wallet ? ['wallet.js'] : []),
    ],
    parts: html`${ways.password && part('Password', 'Changing it signs you out everywhere else.', passwordForm(view, account))}
${part('Passkeys', 'Held by your devices. They cannot be copied from a page.', passkeys(view, input))}
${part('Wallets and other sites', 'Whoever controls them is signed in to this account.', identities(view, input))}`,
  });
}

function passwordForm(view: AccountView, account: Account): Html {
  if (!account.hasPassword && !view.isFresh) return signInAgain('security');
  return html`<form method="post" action="/account/password">${csrfField(view.csrf)}
<input type="email" name="username" autocomplete="username" value="${account.email ?? ''}" class="unseen" tabindex="-1" aria-hidden="true" readonly>
${account.hasPassword && field({ id: 'current', label: 'Password now', type: 'password', autocomplete: 'current-password', maxLength: 256 })}
${field({ id: 'password', label: account.hasPassword ? 'New password' : 'Password', type: 'password', autocomplete: 'new-password', minLength: PASSWORD_CHARS_MIN, maxLength: 256, hint: `At least ${PASSWORD_CHARS_MIN} characters.` })}
<div><button class="quiet" type="submit">${account.hasPassword ? 'Change the password' : 'Set a password'}</button></div></form>`;
}

function passkeys(
  view: AccountView,
  input: { readonly methods: SignInMethods; readonly ways: SignInWays },
): Html {
  const { csrf, isFresh } = view;
  const rows = input.methods.passkeys.map(
    ({ id, label, isBackedUp, createdAt, lastUsedAt }) =>
      html`<li><div><p>${label}${isBackedUp && html` <span class="tag">Synced</span>`}</p><p class="hint">Added ${when(createdAt)}${
        lastUsedAt && html`, last used ${when(lastUsedAt)}`
      }</p></div><div class="actions">${isFresh && rowAction(csrf, `/account/passkeys/${id}/remove`, 'Remove', { about: label, ask: 'It signs in to this account no more. The device may still offer it.' })}</div></li>`,
  );
  const add = html`<form method="post" action="/account/passkeys" data-passkey="new" data-options="/account/passkeys/options" hidden><div class="inline">${csrfField(csrf)}<input type="hidden" name="response" value="">
${field({ id: 'label', label: 'Name of the device', type: 'text', autocomplete: 'off', maxLength: 100, isOptional: true })}
<button class="quiet" type="submit">${KEY_GLYPH}<span>Add a passkey</span></button></div></form>`;
  if (!input.ways.passkey) {
    return html`<p class="hint">Passkeys cannot be used at this address: they need a name, such as localhost.</p>`;
  }
  return html`${rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="hint">None yet.</p>`}${isFresh ? add : signInAgain('security')}`;
}

function identities(
  view: AccountView,
  input: {
    readonly methods: SignInMethods;
    readonly ways: SignInWays;
    readonly providerNames: ReadonlyMap<string, string>;
  },
): Html {
  const { csrf, isFresh } = view;
  const { ways, providerNames } = input;
  const rows = input.methods.identities.map(({ id, kind, provider, label, createdAt }) => {
    const name = kind === 'wallet' ? 'Wallet' : (providerNames.get(provider) ?? provider);
    return html`<li><div><p>${name}</p><p class="hint"><span class="mono">${label}</span>, added ${when(createdAt)}</p></div><div class="actions">${
      isFresh &&
      rowAction(csrf, `/account/identities/${id}/remove`, 'Remove', {
        about: name,
        ask: 'It signs in to this account no more.',
      })
    }</div></li>`;
  });
  const wallet = html`<form method="post" action="/account/wallet" data-wallet data-message="/account/wallet/message" hidden>${csrfField(csrf)}<input type="hidden" name="nonce" value=""><input type="hidden" name="signature" value=""><button class="quiet" type="submit">${WALLET_GLYPH}<span>Add a wallet</span></button></form>`;
  const add = html`<div class="choices">${ways.upstreams.map(
    ({ id, name }) =>
      html`<a class="button quiet" href="/account/upstream/${id}">${DOOR_GLYPH}<span>Add ${name}</span></a>`,
  )}${ways.wallet && wallet}</div>`;
  return html`${rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="hint">None yet.</p>`}${isFresh ? add : signInAgain('security')}`;
}

/** A session as its page shows it. */
export type ShownSession = {
  readonly uid: string;
  readonly methods: readonly string[];
  readonly userAgent: string;
  readonly ip: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
};

const METHOD_WORDS: Readonly<Record<string, string>> = {
  pwd: 'password',
  pop: 'passkey',
  swk: 'wallet',
  fed: 'another site',
};

/** Where a person is signed in. */
export function sessionsPage(
  view: AccountView,
  input: { readonly sessions: readonly ShownSession[]; readonly currentUid: string },
): Page {
  const { csrf } = view;
  const rows = input.sessions.map((session) => {
    const isThis = session.uid === input.currentUid;
    const name = browserName(session.userAgent);
    const by = session.methods.map((method) => METHOD_WORDS[method]).find(Boolean);
    return html`<li><div><p>${name}${isThis && html` <span class="tag">This one</span>`}</p><p class="hint">${
      session.ip !== '' && html`<span class="mono">${session.ip}</span>, `
    }since ${when(session.createdAt)}${by && html`, by ${by}`}</p></div><div class="actions">${
      !isThis &&
      rowAction(csrf, `/account/sessions/${session.uid}/end`, 'Sign out', {
        isBad: true,
        about: name,
      })
    }</div></li>`;
  });
  const others = input.sessions.length > 1;
  return accountPage(view, {
    title: 'Sessions',
    parts: part(
      'Where you are signed in',
      'One you do not know? Sign it out, then choose a new password.',
      html`<ul class="rows">${rows}</ul>${others && html`<div>${rowAction(csrf, '/account/sessions/end-others', 'Sign out everywhere else')}</div>`}`,
    ),
  });
}

/** A browser and system by the names that people know; never more than a hint. */
export function browserName(userAgent: string): string {
  const browser = [
    ['Edg/', 'Edge'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ].find(([mark]) => mark !== undefined && userAgent.includes(mark))?.[1];
  const system = [
    ['Android', 'Android'],
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Windows', 'Windows'],
    ['Mac OS X', 'macOS'],
    ['Linux', 'Linux'],
  ].find(([mark]) => mark !== undefined && userAgent.includes(mark))?.[1];
  if (browser === undefined) return system ?? 'A program';
  return system === undefined ? browser : `${browser} on ${system}`;
}

/** What apps a person has let in. */
export function appsPage(view: AccountView, apps: readonly AllowedApp[]): Page {
  const rows = apps.map(
    ({ grantId, name, scopes, since }) =>
      html`<li><div><p>${name}</p><p class="hint">${scopes.map((scope) => scopeWords(scope).says).join(', ')}. Since ${when(since)}</p></div><div class="actions">${rowAction(view.csrf, `/account/apps/${grantId}/revoke`, 'Take back', { about: name, ask: `${name} is signed out, and asks you again when you come back.` })}</div></li>`,
  );
  return accountPage(view, {
    title: 'Apps',
    parts: part(
      'Apps that you let in',
      'Taking it back signs them out: at once, or within five minutes for a job that runs.',
      rows.length > 0 ? html`<ul class="rows">${rows}</ul>` : html`<p class="hint">None yet.</p>`,
    ),
  });
}
