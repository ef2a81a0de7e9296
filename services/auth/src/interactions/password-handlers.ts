import { publicError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { emailSchema } from '../accounts/account.ts';
import { requestReset } from '../accounts/request-reset.ts';
import { requestSignUp } from '../accounts/request-sign-up.ts';
import { applyRate, ipOf, writeRateHeaders } from '../http/rate-limit.ts';
import { linkFirstWords } from '../pages/link-pages.ts';
import { type LoginWords, loginPage } from '../pages/login-page.ts';
import { sendPage } from '../pages/send-page.ts';
import { forgotPage, mailSentPage, signUpPage } from '../pages/sign-up-pages.ts';
import type { RateOutcome } from '../rate-limits/rate-limit.ts';
import { findPendingLink } from '../sign-in/link-identity.ts';
import { signInWithPassword } from '../sign-in/sign-in-with-password.ts';
import { countSignIn, finishSignIn } from './finish-sign-in.ts';
import { type OpenInteraction, requireWay, withInteraction } from './open-interaction.ts';
import { readOwnForm } from './page-guard.ts';
import type { PeopleDeps } from './people-deps.ts';

const HINT_CHARS_MAX = 254;

/** Shows the page that asks who somebody is, with what there is to say. */
export async function showLogin(
  deps: PeopleDeps,
  ctx: Context,
  interaction: OpenInteraction,
  words: LoginWords = {},
): Promise<void> {
  const { details, holder, view } = interaction;
  const pending = await findPendingLink(deps, { holder });
  const hint = details.params.login_hint;
  const email =
    pending?.identity.email ??
    (typeof hint === 'string' ? hint.slice(0, HINT_CHARS_MAX) : undefined);
  const provider = deps.upstreams.get(pending?.identity.provider ?? '')?.settings.name;
  const done = provider === undefined ? undefined : linkFirstWords(provider);
  sendPage(ctx, deps.pageKit, loginPage(view, { done, email, ...words }));
}

/** POST password: address and password. */
export function passwordRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    requireWay(interaction.view.ways.password);
    const form = await readOwnForm(ctx, deps, interaction.holder);
    await countSignIn(deps, ctx);
    const typed = form.one('email') ?? '';
    const email = emailSchema.safeParse(typed).data ?? '';
    const rate = await countPassword(deps, ctx, email);
    if (!rate.ok) {
      writeRateHeaders(ctx, rate);
      const fault = `${publicError('rate_limited').message} Try again later.`;
      return showLogin(deps, ctx, interaction, { fault, email: typed, status: 429 });
    }
    const password = form.one('password') ?? '';
    const outcome = await signInWithPassword(deps, { email, password });
    if (outcome.ok) {
      const remember = form.one('remember') !== undefined;
      return finishSignIn(deps, ctx, interaction, { ...outcome.value, remember });
    }
    const { requestId } = ctx.state;
    deps.log.info({ requestId, reason: outcome.detail }, 'sign-in refused');
    const { message: fault, status } = publicError(outcome.code);
    await showLogin(deps, ctx, interaction, { fault, email: typed, status });
  });
}

/** Counts a password of an address: from where it comes, and from anywhere. */
async function countPassword(deps: PeopleDeps, ctx: Context, email: string): Promise<RateOutcome> {
  const here = await deps.consumeRate('sign_in_account_ip', `${email} ${ipOf(ctx)}`);
  return here.ok ? deps.consumeRate('sign_in_account', email) : here;
}

/** GET sign-up */
export function showSignUpRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, { view }) => {
    requireWay(view.ways.signUp);
    sendPage(ctx, deps.pageKit, signUpPage(view, {}));
  });
}

/** POST sign-up: sends a link; every address gets the same answer. */
export function signUpRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    const { view, uid, holder } = interaction;
    requireWay(view.ways.signUp);
    const form = await readOwnForm(ctx, deps, holder);
    applyRate(ctx, await deps.consumeRate('sign_up_ip', ipOf(ctx)));
    const email = emailSchema.safeParse(form.one('email')).data;
    if (email === undefined) return sendPage(ctx, deps.pageKit, signUpPage(view, NO_ADDRESS));
    applyRate(ctx, await deps.consumeRate('mail_account', email));
    const outcome = await requestSignUp(deps, { email, interactionUid: uid });
    sendPage(
      ctx,
      deps.pageKit,
      outcome.ok ? mailSentPage(view, { email }) : signUpPage(view, refusal(outcome.code)),
    );
  });
}

/** GET forgot */
export function showForgotRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, { view }) => {
    requireWay(view.ways.password);
    sendPage(ctx, deps.pageKit, forgotPage(view, {}));
  });
}

/** POST forgot: sends a link; every address gets the same answer. */
export function forgotRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    const { view, uid, holder } = interaction;
    requireWay(view.ways.password);
    const form = await readOwnForm(ctx, deps, holder);
    await countSignIn(deps, ctx);
    const email = emailSchema.safeParse(form.one('email')).data;
    if (email === undefined) return sendPage(ctx, deps.pageKit, forgotPage(view, NO_ADDRESS));
    // By itself: a stranger who asks for other mails to this address must not keep its owner out.
    applyRate(ctx, await deps.consumeRate('mail_account', `reset ${email}`));
    const outcome = await requestReset(deps, { email, interactionUid: uid });
    sendPage(
      ctx,
      deps.pageKit,
      outcome.ok ? mailSentPage(view, { email }) : forgotPage(view, refusal(outcome.code)),
    );
  });
}

const NO_ADDRESS = { fault: 'Type an email address, such as name@example.org.', status: 422 };

function refusal(code: Parameters<typeof publicError>[0]) {
  const { message: fault, status } = publicError(code);
  return { fault, status };
}
