import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { displayNameSchema } from '../accounts/account.ts';
import { tellOwner } from '../accounts/tell-owner.ts';
import { readMailToken, type UsedToken, useMailToken } from '../accounts/use-mail-token.ts';
import { readForm } from '../http/read-form.ts';
import { donePage, faultPage } from '../pages/notice-pages.ts';
import { sendPage } from '../pages/send-page.ts';
import { mailLinkPage } from '../pages/sign-up-pages.ts';
import { countSignIn } from './finish-sign-in.ts';
import { checkSameOrigin } from './page-guard.ts';
import { passwordFaultWords } from './password-fault-words.ts';
import type { PeopleDeps } from './people-deps.ts';

const holderOf = (token: string) => `mail:${token}`;

/** GET /account/mail: shows what a link is for; programs that look at links use nothing up. */
export function showMailLinkRoute(deps: PeopleDeps): Middleware {
  return async (ctx) => {
    const { token } = ctx.query;
    await countSignIn(deps, ctx as Context);
    await showLink(deps, ctx as Context, typeof token === 'string' ? token : '', {});
  };
}

async function showLink(
  deps: PeopleDeps,
  ctx: Context,
  token: string,
  words: { fault?: string; status?: number; name?: string | undefined },
): Promise<void> {
  const found = await readMailToken(deps, { token });
  if (!found.ok) return sendPage(ctx, deps.pageKit, EXPIRED);
  const { purpose, email, isOperator } = found.value;
  const csrf = deps.csrf.tokenFor(holderOf(token));
  sendPage(ctx, deps.pageKit, mailLinkPage({ purpose, token, csrf, email, isOperator, ...words }));
}

const EXPIRED = faultPage({
  title: 'This link is good no more',
  text: publicError('link_expired').message,
  status: publicError('link_expired').status,
  link: { href: '/account', label: 'Sign in' },
});

/** POST /account/mail: uses it up. */
export function useMailLinkRoute(deps: PeopleDeps): Middleware {
  return async (koaCtx) => {
    const ctx = koaCtx as Context;
    checkSameOrigin(ctx, deps.origin);
    const form = await readForm(ctx, []);
    const token = form.one('token') ?? '';
    if (!deps.csrf.matches(holderOf(token), form.one('csrf'))) {
      throw new ServiceError('forged_request', { detail: 'form token' });
    }
    await countSignIn(deps, ctx);
    const displayName = displayNameSchema.safeParse(form.one('name') ?? '').data ?? null;
    const password = form.one('password') ?? '';
    const requestId = String(ctx.state.requestId);
    const outcome = await useMailToken(deps, { token, password, displayName, requestId });
    if (outcome.ok) {
      tellOwnerOf(deps, outcome.value);
      return sendPage(ctx, deps.pageKit, used(outcome.value));
    }
    if (outcome.code === 'link_expired') return sendPage(ctx, deps.pageKit, EXPIRED);
    if (outcome.code === 'conflict') throw new ServiceError('conflict');
    const fault = passwordFaultWords(outcome.detail);
    const { status } = publicError(outcome.code);
    await showLink(deps, ctx, token, { fault, status, name: displayName ?? undefined });
  };
}

/** To the address from before: whoever reads the new one's mail may not be the owner. */
function tellOwnerOf(deps: PeopleDeps, { purpose, emailBefore: email }: UsedToken): void {
  if (purpose === 'sign_up') return;
  const isReset = purpose === 'reset_password';
  const what = isReset ? 'the password was changed' : 'the address was changed';
  tellOwner(deps, { account: { email }, what });
}

const WORDS = {
  sign_up: ['Your account is ready', 'Sign in with your address and the new password.'],
  reset_password: ['The password is changed', 'Everywhere you were signed in you are signed out.'],
  verify_email: ['The address is confirmed', 'Your account has this address from now on.'],
} as const;

function used(result: { purpose: keyof typeof WORDS; interactionUid: string | null }) {
  const { purpose, interactionUid } = result;
  const [title, text] = WORDS[purpose];
  // Whoever began at an app goes on there; in another browser the page says that it is over.
  const href = interactionUid === null ? '/account' : `/interaction/${interactionUid}`;
  const label = purpose === 'verify_email' ? 'To your account' : 'Sign in';
  return donePage({ title, text, link: { href, label } });
}

/** GET /account/signed-out */
export function signedOutRoute(deps: PeopleDeps): Middleware {
  const page = donePage({
    title: 'You are signed out',
    text: 'Apps that you used in this browser may still know you for a few minutes.',
    link: { href: '/account', label: 'Sign in again' },
  });
  return async (ctx) => sendPage(ctx as Context, deps.pageKit, page);
}
