import { ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { nameOf, stubOf } from '../oidc/page-sources.ts';
import { formTargetOf } from '../pages/send-page.ts';
import type { SignInView, SignInWays } from '../pages/sign-in-view.ts';
import type { PeopleDeps } from './people-deps.ts';

type Provider = ReturnType<PeopleDeps['issuerParts']['provider']>;
type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

/** One sign-in or consent under way, and what its pages know of it. */
export type OpenInteraction = {
  readonly provider: Provider;
  readonly details: Details;
  readonly uid: string;
  /** Whose challenges and form tokens these are. */
  readonly holder: string;
  readonly view: SignInView;
};

export type InteractionHandler = (ctx: Context, interaction: OpenInteraction) => Promise<void>;

/**
 * Finds the interaction of this path by this browser's cookie; an id that was seen elsewhere is
 * of no use.
 *
 * @param prompt which question must be open.
 * @throws ServiceError `sign_in_expired` when there is none, or another question is open.
 */
export function withInteraction(
  deps: PeopleDeps,
  prompt: 'login' | 'consent' | 'any',
  handler: InteractionHandler,
): Middleware {
  return async (ctx) => {
    const context = ctx as Context;
    const interaction = await openInteraction(deps, context);
    const { name } = interaction.details.prompt;
    if (prompt !== 'any' && name !== prompt) throw new ServiceError('sign_in_expired');
    await handler(context, interaction);
  };
}

async function openInteraction(deps: PeopleDeps, ctx: Context): Promise<OpenInteraction> {
  const provider = deps.issuerParts.provider();
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  const { uid } = details;
  if (uid !== ctx.params.uid) throw new ServiceError('sign_in_expired');
  const holder = `interaction:${uid}`;
  const { client_id: clientId, redirect_uri: redirectUri } = details.params;
  const client = typeof clientId === 'string' ? await provider.Client.find(clientId) : undefined;
  const { pageKit } = deps;
  const view: SignInView = {
    base: `/interaction/${uid}`,
    csrf: deps.csrf.tokenFor(holder),
    stub: client ? stubOf(pageKit, client) : { name: pageKit.installationName },
    appName: client ? nameOf(client) : pageKit.installationName,
    formTargets: formTargetOf(redirectUri),
    ways: waysOf(deps),
  };
  return { provider, details, uid, holder, view };
}

/** The ways to sign in that this installation has open. */
export function waysOf(deps: PeopleDeps): SignInWays {
  const has = (method: (typeof deps.signInMethods)[number]) => deps.signInMethods.includes(method);
  const upstreams = [...deps.upstreams.values()].map(({ settings }) => settings);
  return {
    password: has('password'),
    passkey: has('passkey') && deps.passkeySite !== undefined,
    wallet: has('wallet'),
    upstreams: has('upstream') ? upstreams.map(({ id, name }) => ({ id, name })) : [],
    signUp: has('password') && deps.signUp !== 'closed',
  };
}

/** @throws ServiceError `not_found` when a way to sign in is not open here. */
export function requireWay(isOpen: boolean): void {
  if (!isOpen) throw new ServiceError('not_found');
}
