import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { resolveIdentity } from '../sign-in/resolve-identity.ts';
import { AMR } from '../sign-in/signed-in.ts';
import { finishUpstream } from '../sign-in/upstream/finish-upstream.ts';
import { routeOfState, startUpstream } from '../sign-in/upstream/start-upstream.ts';
import { countSignIn, finishSignIn, redirect } from './finish-sign-in.ts';
import { requireWay, withInteraction } from './open-interaction.ts';
import { showLogin } from './password-handlers.ts';
import type { PeopleDeps } from './people-deps.ts';

const QUERY_CHARS_MAX = 8_192;
/** The route in a state of somebody who adds a provider to an account. */
export const ACCOUNT_ROUTE = 'account';

/** GET upstream/:provider: sends the browser there. */
export function startUpstreamRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    const { view, uid, holder, details } = interaction;
    requireWay(view.ways.upstreams.length > 0);
    await countSignIn(deps, ctx);
    const providerId = String(ctx.params.provider);
    // Who must sign in anew here must not be let in by a session there.
    const isFresh = details.prompt.reasons.includes('login_prompt');
    const outcome = await startUpstream(deps, { providerId, holder, route: uid, isFresh });
    if (outcome.ok) return redirect(ctx, outcome.value.href);
    if (outcome.code === 'not_found') throw new ServiceError('not_found');
    const fault = 'The other side cannot be reached right now. Try again, or choose another way.';
    await showLogin(deps, ctx, interaction, { fault, status: 503 });
  });
}

/**
 * GET /sign-in/callback/:provider: the one address that upstreams know. It reads from the state
 * where the answer belongs, and hands it on; the cookie of that path decides whether it may.
 */
export function callbackRoute(): Middleware {
  return async (ctx) => {
    const { state } = ctx.query;
    const route = typeof state === 'string' ? routeOfState(state) : undefined;
    if (route === undefined || ctx.querystring.length > QUERY_CHARS_MAX) {
      throw new ServiceError('sign_in_expired');
    }
    const base = route === ACCOUNT_ROUTE ? '/account' : `/interaction/${route}`;
    const provider = encodeURIComponent(String(ctx.params.provider));
    ctx.set('Referrer-Policy', 'no-referrer');
    redirect(ctx as never, `${base}/upstream/${provider}/callback?${ctx.querystring}`);
  };
}

/** GET upstream/:provider/callback: what the other issuer answered. */
export function finishUpstreamRoute(deps: PeopleDeps): Middleware {
  return withInteraction(deps, 'login', async (ctx, interaction) => {
    const { view, holder } = interaction;
    requireWay(view.ways.upstreams.length > 0);
    await countSignIn(deps, ctx);
    const providerId = String(ctx.params.provider);
    const query = ctx.querystring;
    const proven = await finishUpstream(deps, { providerId, holder, query });
    const { requestId } = ctx.state;
    if (!proven.ok) {
      deps.log.info({ requestId, providerId, reason: proven.detail }, 'upstream refused');
      const fault = 'The other side did not sign you in. Try again, or choose another way.';
      return showLogin(deps, ctx, interaction, { fault, status: 401 });
    }
    const resolved = await resolveIdentity(deps, { identity: proven.value, holder, requestId });
    if (resolved.ok) {
      const { accountId } = resolved.value;
      const signedIn = { accountId, methods: AMR.upstream, remember: true };
      return finishSignIn(deps, ctx, interaction, signedIn);
    }
    if (resolved.code === 'link_needed') return redirect(ctx, view.base);
    const { status, message: fault } = publicError(resolved.code);
    await showLogin(deps, ctx, interaction, { fault, status });
  });
}
