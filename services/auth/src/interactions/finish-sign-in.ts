import type { Context } from 'koa';
import { applyRate, ipOf } from '../http/rate-limit.ts';
import { noteSignInForLink } from '../sign-in/link-identity.ts';
import type { SignedIn } from '../sign-in/signed-in.ts';
import type { OpenInteraction } from './open-interaction.ts';
import type { PeopleDeps } from './people-deps.ts';

/** Counts one try to sign in, by the address that it comes from. */
export async function countSignIn(deps: PeopleDeps, ctx: Context): Promise<void> {
  applyRate(ctx, await deps.consumeRate('sign_in_ip', ipOf(ctx)));
}

/**
 * Hands a person who has shown who they are back to the issuer, which makes a new session of it;
 * unless another name of theirs waits to be added: then they are asked first.
 */
export async function finishSignIn(
  deps: PeopleDeps,
  ctx: Context,
  interaction: OpenInteraction,
  signedIn: SignedIn & { readonly remember: boolean },
): Promise<void> {
  const { holder, view } = interaction;
  const { accountId, methods, remember } = signedIn;
  if (await noteSignInForLink(deps, { holder, signedIn: { accountId, methods }, remember })) {
    return redirect(ctx, `${view.base}/link`);
  }
  await completeLogin(ctx, interaction, signedIn);
}

/** The same, with nothing left to ask. */
export async function completeLogin(
  ctx: Context,
  { provider }: OpenInteraction,
  signedIn: SignedIn & { readonly remember: boolean },
): Promise<void> {
  const { accountId, methods, remember } = signedIn;
  const result = { login: { accountId, remember, amr: [...methods] } };
  const merge = { mergeWithLastSubmission: false };
  redirect(ctx, await provider.interactionResult(ctx.req, ctx.res, result, merge));
}

/** After a form: a GET of somewhere else. */
export function redirect(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.redirect(url);
  ctx.status = 303;
  ctx.body = '';
}
