import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { deviceCodePage, deviceConfirmPage, deviceDonePage } from '../pages/device-pages.ts';
import { logoutPage, signedOutPage } from '../pages/logout-pages.ts';
import { faultPage } from '../pages/notice-pages.ts';
import type { PageKit, Stub } from '../pages/page.ts';
import { allowedLogo } from '../pages/page.ts';
import { formTargetOf, type PageContext, sendPage } from '../pages/send-page.ts';

type Features = NonNullable<Configuration['features']>;
type DeviceFlow = NonNullable<Features['deviceFlow']>;
type Logout = NonNullable<Features['rpInitiatedLogout']>;

/** The pages that oidc-provider shows by itself, drawn like all others. */
export type PageSources = {
  readonly renderError: NonNullable<Configuration['renderError']>;
  readonly deviceFlow: Required<
    Pick<DeviceFlow, 'userCodeInputSource' | 'userCodeConfirmSource' | 'successSource'>
  >;
  readonly rpInitiatedLogout: Required<Pick<Logout, 'logoutSource' | 'postLogoutSuccessSource'>>;
};

/** Makes the pages for the options of oidc-provider. */
export function createPageSources(kit: PageKit): PageSources {
  return {
    renderError: (ctx, out) => sendPage(asPage(ctx), kit, errorPage(ctx, out)),
    deviceFlow: {
      userCodeInputSource: (ctx, form, _out, err) => {
        const { action, xsrf } = readForm(form);
        const page = deviceCodePage({ action, xsrf, fault: err && codeFault(err) });
        sendPage(asPage(ctx), kit, page);
      },
      userCodeConfirmSource: (ctx, form, client, deviceInfo, userCode) => {
        const appName = nameOf(client);
        const { action, xsrf } = readForm(form);
        const typedCode = String(ctx.oidc.params?.user_code ?? '');
        const stub = deviceStub(kit, client, deviceInfo);
        const scopes = scopesOf(ctx);
        const ask = { action, xsrf, typedCode, userCode, stub, appName, scopes };
        sendPage(asPage(ctx), kit, deviceConfirmPage(ask));
      },
      successSource: (ctx) => {
        const { client } = ctx.oidc;
        const stub = client ? stubOf(kit, client) : { name: kit.installationName };
        sendPage(asPage(ctx), kit, deviceDonePage(stub, client ? nameOf(client) : 'the app'));
      },
    },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        const { client, params } = ctx.oidc;
        const { installationName } = kit;
        const formTargets = formTargetOf(params?.post_logout_redirect_uri);
        const appName = client && nameOf(client);
        const stub = client && stubOf(kit, client);
        const ask = { ...readForm(form), stub, appName, installationName, formTargets };
        sendPage(asPage(ctx), kit, logoutPage(ask));
      },
      postLogoutSuccessSource: (ctx) => {
        const { client } = ctx.oidc;
        sendPage(asPage(ctx), kit, signedOutPage(client && nameOf(client)));
      },
    },
  };
}

/** The name of a client, for people. */
export function nameOf(client: Client): string {
  const { clientName, clientId } = client;
  return clientName === undefined || clientName.trim() === '' ? clientId : clientName;
}

/** What stands on the stub when a client asks. */
export function stubOf(kit: PageKit, client: Client): Stub {
  const logo = allowedLogo(kit, client.logoUri);
  const site = typeof client.clientUri === 'string' ? hostOf(client.clientUri) : undefined;
  return { name: nameOf(client), logo, line: site };
}

function deviceStub(kit: PageKit, client: Client, info: unknown): Stub {
  const { ip, ua } = (info ?? {}) as { ip?: unknown; ua?: unknown };
  const facts = [
    { term: 'Asked from', value: typeof ip === 'string' && ip !== '' ? ip : 'unknown' },
    { term: 'By', value: typeof ua === 'string' && ua !== '' ? ua.slice(0, 120) : 'unknown' },
    { term: 'Client', value: client.clientId },
  ];
  return { ...stubOf(kit, client), facts };
}

function scopesOf(ctx: KoaContextWithOIDC): string[] {
  const code = ctx.oidc.entities.DeviceCode as { params?: { scope?: unknown } } | undefined;
  const scope = code?.params?.scope;
  return typeof scope === 'string' ? scope.split(' ').filter((part) => part !== '') : [];
}

function hostOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).host : undefined;
}

/**
 * The two values in the form that oidc-provider hands over; we draw our own around them. Both are
 * of its own making: a URL of this issuer and a random id.
 */
function readForm(form: string): { action: string; xsrf: string } {
  const [, action = ''] = /\baction="([^"]*)"/.exec(form) ?? [];
  const [, xsrf = ''] = /\bname="xsrf" value="([^"]*)"/.exec(form) ?? [];
  if (action === '' || xsrf === '') throw new Error('the form of oidc-provider has changed');
  return { action, xsrf };
}

function codeFault(err: { name?: string; userCode?: string }): string {
  if (err.name === 'AbortedError') return 'The device was not connected.';
  if (err.name === 'NoCodeError') return 'Type the code that the device shows.';
  return 'This code is not known, or its time is over. Look at the device again.';
}

function errorPage(
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string | undefined },
) {
  const isOver = out.error_description?.includes('session not found') || ctx.status === 404;
  return faultPage({
    title: isOver ? 'This sign-in is over' : 'This cannot be done',
    text: isOver
      ? 'It was finished in another window, or took too long. Go back to the app and start again.'
      : (out.error_description ?? 'The app asked for something that is not possible.'),
    status: ctx.status,
    code: out.error,
    requestId: typeof ctx.state.requestId === 'string' ? ctx.state.requestId : undefined,
  });
}

function asPage(ctx: KoaContextWithOIDC): PageContext {
  return ctx as unknown as PageContext;
}
