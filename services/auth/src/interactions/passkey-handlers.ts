import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { finishPasskey } from '../sign-in/passkeys/finish-passkey.ts';
import type { PasskeySite } from '../sign-in/passkeys/passkey-site.ts';
import { startPasskey } from '../sign-in/passkeys/start-passkey.ts';
import { countSignIn, finishSignIn } from './finish-sign-in.ts';
import { requireWay, withInteraction } from './open-interaction.ts';
import { readOwnForm } from './page-guard.ts';
import { showLogin } from './password-handlers.ts';
import type { PeopleDeps } from './people-deps.ts';

/** @throws ServiceError `not_found` where passkeys cannot be. */
export function siteOf(deps: Pick<PeopleDeps, 'passkeySite'>): PasskeySite {
  if (!deps.passkeySite) throw new ServiceError('not_found');
  return deps.passkeySite;
}

/** POST passkey/options: what the browser is asked, as JSON. */
export function passkeyOptionsRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, { view, holder }) => {
    requireWay(view.ways.passkey);
    await readOwnForm(ctx, deps, holder);
    await countSignIn(deps, ctx);
    const passkeySite = siteOf(deps);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await startPasskey({ db: deps.db, passkeySite }, { holder });
  });
}

/** POST passkey: what it answered. */
export function passkeyRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    const { view, holder } = interaction;
    requireWay(view.ways.passkey);
    const form = await readOwnForm(ctx, deps, holder);
    await countSignIn(deps, ctx);
    const response = form.one('response') ?? '';
    const passkeySite = siteOf(deps);
    const outcome = await finishPasskey({ db: deps.db, passkeySite }, { holder, response });
    if (outcome.ok) {
      return finishSignIn(deps, ctx, interaction, { ...outcome.value, remember: true });
    }
    deps.log.info({ requestId: ctx.state.requestId, reason: outcome.detail }, 'passkey refused');
    const { status } = publicError(outcome.code);
    const fault = 'This passkey is not known here. Choose another, or another way to sign in.';
    await showLogin(deps, ctx, interaction, { fault, status });
  });
}
