import { PASSWORD_CHARS_MIN } from '../accounts/password-rules.ts';
import { csrfField, field, notice } from './form-parts.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';
import type { SignInView } from './sign-in-view.ts';

type Words = {
  readonly fault?: string | undefined;
  readonly email?: string | undefined;
  readonly status?: number | undefined;
};

/** Where somebody without an account begins: the address, then the mail decides. */
export function signUpPage(view: SignInView, words: Words): Page {
  return {
    ...framed(view, `Create an account for ${view.appName}`, words),
    body: html`<h1>Create an account</h1>
<p class="lead">We send a link to your address. Open it to choose a password.</p>
${notice(words)}
<form method="post" action="${view.base}/sign-up">
${csrfField(view.csrf)}
${field({ id: 'email', label: 'Email address', type: 'email', autocomplete: 'email', value: words.email ?? '', isInvalid: words.fault !== undefined, isFirst: true })}
<button type="submit">Send the link</button>
</form>
<p class="foot">Have an account? <a href="${view.base}">Sign in</a></p>`,
  };
}

/** Where somebody asks for a new password. */
export function forgotPage(view: SignInView, words: Words): Page {
  return {
    ...framed(view, 'Choose a new password', words),
    body: html`<h1>Forgot your password?</h1>
<p class="lead">We send a link to your address. Open it to choose a new one. It signs you out everywhere.</p>
${notice(words)}
<form method="post" action="${view.base}/forgot">
${csrfField(view.csrf)}
${field({ id: 'email', label: 'Email address', type: 'email', autocomplete: 'username', value: words.email ?? '', isInvalid: words.fault !== undefined, isFirst: true })}
<button type="submit">Send the link</button>
</form>
<p class="foot"><a href="${view.base}">Back to sign-in</a></p>`,
  };
}

/** What everybody sees after asking for a mail, whether one was sent or not. */
export function mailSentPage(view: SignInView, words: { email: string }): Page {
  return {
    ...framed(view, 'Look into your mail', {}),
    body: html`<h1>Look into your mail</h1>
<p class="notice" role="status">If <strong>${words.email}</strong> can be used here, a link is on its way. It works once, for an hour.</p>
<p class="lead">Nothing there after a few minutes? Look where unwanted mail goes, and check the address.</p>
<p class="foot"><a href="${view.base}">Back to sign-in</a></p>`,
  };
}

/** Where a link from a mail leads: nothing happens before its reader says so. */
export function mailLinkPage(link: {
  readonly purpose: 'sign_up' | 'verify_email' | 'reset_password';
  readonly isOperator?: boolean;
  readonly token: string;
  readonly csrf: string;
  readonly email: string;
  /** As it was typed, when the form comes back. */
  readonly name?: string | undefined;
  readonly fault?: string | undefined;
  readonly status?: number | undefined;
}): Page {
  const { purpose, token, csrf, email, fault } = link;
  const words = link.isOperator ? OPERATOR_WORDS : WORDS[purpose];
  return {
    title: words.title,
    status: link.status ?? 200,
    body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead} <strong>${email}</strong></p>
${notice({ fault })}
<form method="post" action="/account/mail">
${csrfField(csrf)}<input type="hidden" name="token" value="${token}">
${purpose === 'sign_up' && field({ id: 'name', label: 'Your name (may be left out)', type: 'text', autocomplete: 'name', value: link.name, maxLength: 100, isOptional: true })}
${
  purpose !== 'verify_email' &&
  html`<input type="email" name="username" autocomplete="username" value="${email}" class="unseen" tabindex="-1" aria-hidden="true" readonly>
${field({ id: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', minLength: PASSWORD_CHARS_MIN, maxLength: 256, hint: `At least ${PASSWORD_CHARS_MIN} characters. Some words in a row are easy to keep in mind.`, isInvalid: fault !== undefined, isFirst: true })}`
}
<button type="submit">${words.button}</button>
</form>`,
  };
}

const OPERATOR_WORDS = {
  title: 'Set up the operator',
  lead: 'This account will be able to do everything here:',
  button: 'Create the operator’s account',
} as const;

const WORDS = {
  sign_up: {
    title: 'Create your account',
    lead: 'This will be the account of',
    button: 'Create the account',
  },
  verify_email: {
    title: 'Confirm your address',
    lead: 'From now on your account has the address',
    button: 'Confirm',
  },
  reset_password: {
    title: 'Choose a new password',
    lead: 'For the account of',
    button: 'Save the password',
  },
} as const;

function framed(view: SignInView, title: string, words: Words) {
  const { stub, formTargets } = view;
  return { title, stub, formTargets, status: words.status ?? 200 };
}
