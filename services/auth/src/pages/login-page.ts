import { csrfField, field, notice } from './form-parts.ts';
import { DOOR_GLYPH, KEY_GLYPH, WALLET_GLYPH } from './glyphs.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import type { SignInView } from './sign-in-view.ts';

export type LoginWords = {
  readonly fault?: string | undefined;
  readonly done?: string | undefined;
  readonly email?: string | undefined;
  readonly status?: number | undefined;
};

/** Where somebody says who they are. */
export function loginPage(view: SignInView, words: LoginWords): Page {
  const { ways, appName } = view;
  const others = [...upstreams(view), passkey(view), wallet(view)].filter((one) => one !== false);
  const hasOthers = others.length > 0;
  return {
    title: `Sign in to ${appName}`,
    status: words.status ?? 200,
    stub: view.stub,
    formTargets: view.formTargets,
    scripts: [
      ...(ways.passkey ? ['webauthn.js', 'passkey.js'] : []),
      ...(ways.wallet ? ['wallet.js'] : []),
    ],
    body: html`<h1>Sign in</h1>
${notice(words)}
${ways.password && password(view, words)}
${hasOthers && html`<p class="or">or continue with</p>`}
${hasOthers && html`<div class="choices">${others}</div>`}
${foot(view)}`,
  };
}

function password(view: SignInView, words: LoginWords): Html {
  const isInvalid = words.fault !== undefined;
  const hasEmail = words.email !== undefined && words.email !== '';
  return html`<form method="post" action="${view.base}/password">
${csrfField(view.csrf)}
${field({ id: 'email', label: 'Email address', type: 'email', autocomplete: 'username webauthn', value: words.email ?? '', isInvalid, isFirst: !hasEmail })}
${field({
  id: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
  maxLength: 256,
  isInvalid,
  isFirst: hasEmail,
  besideLabel: html`<a href="${view.base}/forgot">Forgot your password?</a>`,
})}
<label class="check"><input type="checkbox" name="remember" value="yes" checked><span>Keep me signed in on this device</span></label>
<button type="submit">Sign in</button>
</form>`;
}

function upstreams(view: SignInView): Html[] {
  return view.ways.upstreams.map(
    ({ id, name }) =>
      html`<a class="button quiet" href="${view.base}/upstream/${id}">${DOOR_GLYPH}<span>${name}</span></a>`,
  );
}

function passkey(view: SignInView): Html | false {
  if (!view.ways.passkey) return false;
  return html`<form method="post" action="${view.base}/passkey" data-passkey="get" data-options="${view.base}/passkey/options" hidden>
${csrfField(view.csrf)}<input type="hidden" name="response" value="">
<button class="quiet" type="submit">${KEY_GLYPH}<span>Passkey</span></button>
</form>`;
}

function wallet(view: SignInView): Html | false {
  if (!view.ways.wallet) return false;
  return html`<form method="post" action="${view.base}/wallet" data-wallet data-message="${view.base}/wallet/message" hidden>
${csrfField(view.csrf)}<input type="hidden" name="nonce" value=""><input type="hidden" name="signature" value="">
<button class="quiet" type="submit">${WALLET_GLYPH}<span>Ethereum wallet</span></button>
</form>`;
}

function foot(view: SignInView): Html {
  const signUp = html`<span>New here? <a href="${view.base}/sign-up">Create an account</a></span>`;
  return html`<div class="foot beside">${view.ways.signUp && signUp}
<form method="post" action="${view.base}/abort">${csrfField(view.csrf)}<button class="quiet small" type="submit">Cancel</button></form></div>`;
}
