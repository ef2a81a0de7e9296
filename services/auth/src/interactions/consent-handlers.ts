import { ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { findAccount } from '../accounts/find-account.ts';
import { consentPage } from '../pages/consent-page.ts';
import { linkPage } from '../pages/link-pages.ts';
import { sendPage } from '../pages/send-page.ts';
import { decideLink, findPendingLink } from '../sign-in/link-identity.ts';
import { completeLogin, redirect } from './finish-sign-in.ts';
import { type OpenInteraction, withInteraction } from './open-interaction.ts';
import { readOwnForm } from './page-guard.ts';
import { showLogin } from './password-handlers.ts';
import type { PeopleDeps } from './people-deps.ts';

/** GET /interaction/:uid: the question that is open. */
export function showInteractionRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'any', async (ctx, interaction) => {
    const { name } = interaction.details.prompt;
    if (name === 'login') return showLogin(deps, ctx, interaction);
    if (name === 'consent') return showConsent(deps, ctx, interaction);
    throw new ServiceError('sign_in_expired', { detail: `prompt ${name}` });
  });
}

async function showConsent(
  deps: PeopleDeps,
  ctx: Context,
  interaction: OpenInteraction,
): Promise<void> {
  const { details, view } = interaction;
  const who = await whoIs(deps, details.session?.accountId);
  const missing = missingScopes(details.prompt.details);
  const asked = String(details.params.scope ?? '').split(' ');
  // An app that must always be asked for is told in full, also when all was allowed before.
  const scopes = missing.length > 0 ? missing : asked.filter((scope) => scope !== '');
  sendPage(ctx, deps.pageKit, consentPage(view, { scopes, who }));
}

/** POST consent: makes the grant of what was asked for, and nothing else. */
export function consentRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'consent', async (ctx, interaction) => {
    await readOwnForm(ctx, deps, interaction.holder);
    const { provider, details } = interaction;
    const accountId = details.session?.accountId;
    const clientId = details.params.client_id;
    if (accountId === undefined || typeof clientId !== 'string') {
      throw new ServiceError('sign_in_expired');
    }
    const known =
      details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId);
    const isOwn = known?.accountId === accountId && known.clientId === clientId;
    const grant = known && isOwn ? known : new provider.Grant({ accountId, clientId });
    const { missingOIDCScope, missingResourceScopes } = readMissing(details.prompt.details);
    if (missingOIDCScope.length > 0) grant.addOIDCScope(missingOIDCScope.join(' '));
    for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
      grant.addResourceScope(resource, scopes.join(' '));
    }
    const result = { consent: { grantId: await grant.save() } };
    const merge = { mergeWithLastSubmission: true };
    redirect(ctx, await provider.interactionResult(ctx.req, ctx.res, result, merge));
  });
}

/** POST abort: tells the app that the person said no. */
export function abortRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'any', async (ctx, interaction) => {
    await readOwnForm(ctx, deps, interaction.holder);
    const result = { error: 'access_denied', error_description: 'the person said no' };
    const merge = { mergeWithLastSubmission: false };
    const { provider } = interaction;
    redirect(ctx, await provider.interactionResult(ctx.req, ctx.res, result, merge));
  });
}

/** GET link: asks the owner of an account whether another way in is added. */
export function showLinkRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, { holder, view }) => {
    const pending = await findPendingLink(deps, { holder });
    if (!pending?.signedIn) return redirect(ctx, view.base);
    const { provider: id, label } = pending.identity;
    const provider = deps.upstreams.get(id)?.settings.name ?? id;
    const who = await whoIs(deps, pending.accountId);
    sendPage(ctx, deps.pageKit, linkPage(view, { provider, label, who }));
  });
}

/** POST link: what the owner said. */
export function linkRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    const { holder } = interaction;
    const form = await readOwnForm(ctx, deps, holder);
    const accepts = form.one('answer') === 'yes';
    const outcome = await decideLink(deps, { holder, accepts });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    await completeLogin(ctx, interaction, outcome.value);
  });
}

async function whoIs(deps: PeopleDeps, accountId: string | undefined): Promise<string> {
  const account = accountId === undefined ? undefined : await findAccount(deps, { accountId });
  return account?.email ?? account?.displayName ?? 'yourself';
}

function missingScopes(details: Record<string, unknown>): string[] {
  const { missingOIDCScope, missingResourceScopes } = readMissing(details);
  return [...missingOIDCScope, ...Object.values(missingResourceScopes).flat()];
}

function readMissing(details: Record<string, unknown>) {
  return {
    missingOIDCScope: (details.missingOIDCScope ?? []) as string[],
    missingResourceScopes: (details.missingResourceScopes ?? {}) as Record<string, string[]>,
  };
}
