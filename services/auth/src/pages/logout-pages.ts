import { DONE_SEAL } from './glyphs.ts';
import { html } from './html.ts';
import type { Page, Stub } from './page.ts';

/** Where somebody says whether to sign out here too, or only of the app. */
export function logoutPage(ask: {
  readonly action: string;
  readonly xsrf: string;
  readonly stub: Stub | undefined;
  readonly appName: string | undefined;
  readonly installationName: string;
  readonly formTargets: readonly string[];
}): Page {
  const { action, xsrf, appName, installationName } = ask;
  const hidden = html`<input type="hidden" name="xsrf" value="${xsrf}">`;
  return {
    title: 'Sign out?',
    formTargets: ask.formTargets,
    ...(ask.stub ? { stub: ask.stub } : {}),
    body: html`<h1>Sign out?</h1>
<p class="lead">${
      appName === undefined
        ? `This signs you out of ${installationName} and of every app that you used it for in this browser.`
        : `${appName} has signed you out. Do you want to sign out of ${installationName} too, and of every other app that you used it for in this browser?`
    }</p>
<div class="pair">
<form method="post" action="${action}">${hidden}<input type="hidden" name="logout" value="yes"><button type="submit">Sign out of everything</button></form>
<form method="post" action="${action}">${hidden}<button class="quiet" type="submit">${appName === undefined ? 'Stay signed in' : `Only ${appName}`}</button></form>
</div>`,
  };
}

/** After it. */
export function signedOutPage(appName: string | undefined): Page {
  return {
    title: 'Signed out',
    body: html`${DONE_SEAL}<h1>You are signed out</h1>
<p class="lead">${appName === undefined ? 'You can close this page.' : `Of ${appName}. You can close this page.`}</p>`,
  };
}
