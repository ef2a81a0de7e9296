import { scopeList } from './consent-page.ts';
import { notice } from './form-parts.ts';
import { DONE_SEAL } from './glyphs.ts';
import { html } from './html.ts';
import type { Page, Stub } from './page.ts';

/** Where the code of a device is typed in. It is never taken from the address. */
export function deviceCodePage(ask: {
  readonly action: string;
  readonly xsrf: string;
  readonly fault?: string | undefined;
}): Page {
  const { action, xsrf, fault } = ask;
  return {
    title: 'Connect a device',
    body: html`<h1>Connect a device</h1>
<p class="lead">Type the code that the device shows you. Did somebody send you a code? Then stop: it would let them into your account.</p>
${notice({ fault })}
<form method="post" action="${action}" id="device">
<input type="hidden" name="xsrf" value="${xsrf}">
<div class="field"><label for="user_code">Code of the device</label>
<input class="code" id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="32" required autofocus${fault !== undefined && html` aria-invalid="true" aria-describedby="notice"`}></div>
<button type="submit">Continue</button>
</form>`,
  };
}

/** Where somebody looks at what a device asks for, before anything is allowed. */
export function deviceConfirmPage(ask: {
  readonly action: string;
  readonly xsrf: string;
  /** As it was typed; goes back with the form. */
  readonly typedCode: string;
  /** As the device shows it. */
  readonly userCode: string;
  readonly stub: Stub;
  readonly appName: string;
  readonly scopes: readonly string[];
}): Page {
  const { action, xsrf, typedCode, userCode, appName } = ask;
  const hidden = html`<input type="hidden" name="xsrf" value="${xsrf}"><input type="hidden" name="user_code" value="${typedCode}">`;
  return {
    title: `Connect a device to ${appName}?`,
    stub: ask.stub,
    body: html`<h1>Does your device show this code?</h1>
<p class="usercode">${userCode}</p>
<p class="lead">Only go on if you started this yourself, just now, and “Asked from” is where your device is.</p>
${ask.scopes.length > 0 && html`<div class="stack"><h2 id="asks">The device would like to</h2>${scopeList(ask.scopes)}</div>`}
<div class="pair">
<form method="post" action="${action}">${hidden}<input type="hidden" name="confirm" value="yes"><button type="submit">Yes, continue</button></form>
<form method="post" action="${action}">${hidden}<input type="hidden" name="abort" value="yes"><button class="quiet" type="submit">It does not</button></form>
</div>`,
  };
}

/** The end of it. */
export function deviceDonePage(stub: Stub, appName: string): Page {
  return {
    title: 'The device is connected',
    stub,
    body: html`${DONE_SEAL}<h1>The device is connected</h1>
<p class="lead">It is signed in to ${appName} as you. You can close this page and go on there.</p>
<p class="foot">You can take this back in <a href="/account/apps">your account</a>.</p>`,
  };
}
