import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { displayNameSchema, emailSchema } from '../accounts/account.ts';
import { renameAccount } from '../accounts/change-account.ts';
import { changePassword } from '../accounts/change-password.ts';
import { listAllowedApps, listSessions, listSignInMethods } from '../accounts/describe-account.ts';
import { endSessions, revokeApp } from '../accounts/end-access.ts';
import { requestEmailChange } from '../accounts/request-reset.ts';
import { tellOwner } from '../accounts/tell-owner.ts';
import { applyRate } from '../http/rate-limit.ts';
import type { AccountView } from '../pages/account-frame.ts';
import { appsPage, profilePage, securityPage, sessionsPage } from '../pages/account-pages.ts';
import { sendPage } from '../pages/send-page.ts';
import {
  type AtAccount,
  type Section,
  sectionPath,
  withAccount,
  withFreshAccount,
} from './account-session.ts';
import { dropSessionCookie } from './account-sign-in.ts';
import { redirect } from './finish-sign-in.ts';
import { waysOf } from './open-interaction.ts';
import { readOwnForm } from './page-guard.ts';
import { passwordFaultWords } from './password-fault-words.ts';
import type { PeopleDeps } from './people-deps.ts';

export type AccountDeps = PeopleDeps & {
  readonly findClient: (id: string) => Promise<{ name: string } | undefined>;
};

type Words = Pick<AccountView, 'fault' | 'done' | 'status'>;

/** What was done, by the name in the address after a form. Nothing else is shown from there. */
const DONE: Readonly<Record<string, string>> = {
  saved: 'Saved.',
  mail: 'If the address can be used, a link is on its way to it.',
  password: 'The password is changed. Everywhere else you are signed out.',
  added: 'Added. You can sign in with it from now on.',
  removed: 'Removed.',
  ended: 'Signed out there.',
  revoked: 'The app was signed out.',
  joined: 'You are a member of the team now.',
  left: 'You are no member of the team any more.',
  invited: 'An invitation is on its way.',
  changed: 'Changed.',
  out: 'Taken out. The keys that they made are marked: replace them.',
  withdrawn: 'The invitation is withdrawn.',
};

/** The view of a page of an account. */
export function viewOf(
  ctx: Context,
  at: AtAccount,
  section: Section,
  words: Words = {},
): AccountView {
  const { account, csrf, isFresh } = at;
  const { did } = ctx.query;
  const done = typeof did === 'string' && ctx.method === 'GET' ? DONE[did] : undefined;
  const who = account.email ?? account.displayName ?? account.id;
  return { section, csrf, who, isFresh, done, ...words };
}

/** After a form: the page again, saying what was done. */
export function backTo(ctx: Context, section: Section, did: keyof typeof DONE): void {
  redirect(ctx, `${sectionPath(section)}?did=${did}`);
}

/** GET /account */
export function showProfileRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'profile', async (ctx, at) => showProfile(deps, ctx, at));
}

function showProfile(
  deps: AccountDeps,
  ctx: Context,
  at: AtAccount,
  words?: Words & { readonly typed?: { readonly name?: string; readonly email?: string } },
): void {
  const { typed, ...said } = words ?? {};
  sendPage(ctx, deps.pageKit, profilePage(viewOf(ctx, at, 'profile', said), at.account, typed));
}

/** POST /account/profile */
export function saveProfileRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'profile', async (ctx, at) => {
    const form = await readOwnForm(ctx, deps, at.holder);
    const typed = form.one('name') ?? '';
    const name = displayNameSchema.safeParse(typed);
    if (!name.success) {
      const said = { fault: 'This name is too long.', status: 422 };
      return showProfile(deps, ctx, at, { ...said, typed: { name: typed } });
    }
    await renameAccount(deps, { accountId: at.account.id, displayName: name.data });
    backTo(ctx, 'profile', 'saved');
  });
}

/** POST /account/email: sends a link to the new address. */
export function changeEmailRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'profile', async (ctx, at) => {
    const form = await readOwnForm(ctx, deps, at.holder);
    applyRate(ctx, await deps.consumeRate('mail_account', at.account.id));
    const typed = form.one('email') ?? '';
    const email = emailSchema.safeParse(typed).data;
    if (email === undefined) {
      const fault = 'Type an email address, such as name@example.org.';
      return showProfile(deps, ctx, at, { fault, status: 422, typed: { email: typed } });
    }
    applyRate(ctx, await deps.consumeRate('mail_account', email));
    const outcome = await requestEmailChange(deps, { accountId: at.account.id, email });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    backTo(ctx, 'profile', 'mail');
  });
}

/** GET /account/security */
export function showSecurityRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'security', (ctx, at) => showSecurity(deps, ctx, at));
}

export async function showSecurity(
  deps: AccountDeps,
  ctx: Context,
  at: AtAccount,
  words?: Words,
): Promise<void> {
  const { account } = at;
  const methods = await listSignInMethods(deps, { accountId: account.id });
  const names = [...deps.upstreams].map(([id, { settings }]) => [id, settings.name] as const);
  const input = { account, methods, ways: waysOf(deps), providerNames: new Map(names) };
  sendPage(ctx, deps.pageKit, securityPage(viewOf(ctx, at, 'security', words), input));
}

/** POST /account/password */
export function changePasswordRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'security', async (ctx, at) => {
    const form = await readOwnForm(ctx, deps, at.holder);
    const { account, sessionUid } = at;
    if (!account.hasPassword && !at.isFresh) throw new ServiceError('reauthentication_needed');
    applyRate(ctx, await deps.consumeRate('sign_in_account_ip', account.email ?? account.id));
    const current = form.one('current') ?? '';
    const next = form.one('password') ?? '';
    const outcome = await changePassword(deps, { account, current, next, sessionUid });
    if (outcome.ok) {
      tellOwner(deps, { account, what: 'the password was changed' });
      return backTo(ctx, 'security', 'password');
    }
    const isWrong = outcome.code === 'wrong_credentials';
    const fault = isWrong ? 'The password now is another one.' : passwordFaultWords(outcome.detail);
    await showSecurity(deps, ctx, at, { fault, status: publicError(outcome.code).status });
  });
}

/** GET /account/sessions */
export function showSessionsRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'sessions', async (ctx, at) => {
    const sessions = await listSessions(deps, { accountId: at.account.id });
    const input = { sessions, currentUid: at.sessionUid };
    sendPage(ctx, deps.pageKit, sessionsPage(viewOf(ctx, at, 'sessions'), input));
  });
}

/** POST /account/sessions/:uid/end, and …/end-others */
export function endSessionRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'sessions', async (ctx, at) => {
    await readOwnForm(ctx, deps, at.holder);
    const { uid } = ctx.params;
    const choice = uid === undefined ? { exceptUid: at.sessionUid } : { uid: String(uid) };
    await endSessions(deps, { accountId: at.account.id, choice });
    backTo(ctx, 'sessions', 'ended');
  });
}

/** GET /account/apps */
export function showAppsRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'apps', async (ctx, at) => {
    const apps = await listAllowedApps(deps, { accountId: at.account.id });
    sendPage(ctx, deps.pageKit, appsPage(viewOf(ctx, at, 'apps'), apps));
  });
}

/** POST /account/apps/:grantId/revoke */
export function revokeAppRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'apps', async (ctx, at) => {
    await readOwnForm(ctx, deps, at.holder);
    const grantId = String(ctx.params.grantId);
    const outcome = await revokeApp(deps, { accountId: at.account.id, grantId });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    backTo(ctx, 'apps', 'revoked');
  });
}

/** POST /account/sign-out: of this browser. */
export function signOutRoute(deps: AccountDeps): Middleware {
  return withAccount(deps, 'profile', async (ctx, at) => {
    await readOwnForm(ctx, deps, at.holder);
    const { account, sessionUid } = at;
    await endSessions(deps, { accountId: account.id, choice: { uid: sessionUid } });
    dropSessionCookie(deps, ctx);
    redirect(ctx, '/account/signed-out');
  });
}
