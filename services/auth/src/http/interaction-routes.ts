import type { Middleware } from 'koa';
import {
  abortRoute,
  consentRoute,
  linkRoute,
  showInteractionRoute,
  showLinkRoute,
} from '../interactions/consent-handlers.ts';
import { pageErrors } from '../interactions/page-guard.ts';
import { passkeyOptionsRoute, passkeyRoute } from '../interactions/passkey-handlers.ts';
import {
  forgotRoute,
  passwordRoute,
  showForgotRoute,
  showSignUpRoute,
  signUpRoute,
} from '../interactions/password-handlers.ts';
import type { PeopleDeps } from '../interactions/people-deps.ts';
import {
  callbackRoute,
  finishUpstreamRoute,
  startUpstreamRoute,
} from '../interactions/upstream-handlers.ts';
import { walletMessageRoute, walletRoute } from '../interactions/wallet-handlers.ts';

type Route = readonly ['GET' | 'POST', string, ...Middleware[]];

const AT = '/interaction/:uid';

/** The pages of a sign-in under way, each under the path that its cookie is bound to. */
export function interactionRoutes(deps: PeopleDeps): readonly Route[] {
  const page = pageErrors(deps);
  return [
    ['GET', AT, page, showInteractionRoute(deps)],
    ['POST', `${AT}/password`, page, passwordRoute(deps)],
    ['GET', `${AT}/sign-up`, page, showSignUpRoute(deps)],
    ['POST', `${AT}/sign-up`, page, signUpRoute(deps)],
    ['GET', `${AT}/forgot`, page, showForgotRoute(deps)],
    ['POST', `${AT}/forgot`, page, forgotRoute(deps)],
    // These two are asked by a script, which reads the status alone.
    ['POST', `${AT}/passkey/options`, page, passkeyOptionsRoute(deps)],
    ['POST', `${AT}/wallet/message`, page, walletMessageRoute(deps)],
    ['POST', `${AT}/passkey`, page, passkeyRoute(deps)],
    ['POST', `${AT}/wallet`, page, walletRoute(deps)],
    ['GET', `${AT}/upstream/:provider`, page, startUpstreamRoute(deps)],
    ['GET', `${AT}/upstream/:provider/callback`, page, finishUpstreamRoute(deps)],
    ['GET', '/sign-in/callback/:provider', page, callbackRoute()],
    ['GET', `${AT}/link`, page, showLinkRoute(deps)],
    ['POST', `${AT}/link`, page, linkRoute(deps)],
    ['POST', `${AT}/consent`, page, consentRoute(deps)],
    ['POST', `${AT}/abort`, page, abortRoute(deps)],
  ];
}
