import type { Middleware } from 'koa';
import {
  changeEmailRoute,
  changePasswordRoute,
  endSessionRoute,
  revokeAppRoute,
  saveProfileRoute,
  showAppsRoute,
  showProfileRoute,
  showSecurityRoute,
  showSessionsRoute,
  signOutRoute,
} from '../interactions/account-handlers.ts';
import { beginAccountSignInRoute, endAccountSignInRoute } from '../interactions/account-sign-in.ts';
import { deleteAccountRoute, showDeleteRoute } from '../interactions/delete-account-handlers.ts';
import {
  showMailLinkRoute,
  signedOutRoute,
  useMailLinkRoute,
} from '../interactions/mail-link-handlers.ts';
import {
  newPasskeyOptionsRoute,
  newPasskeyRoute,
  newUpstreamCallbackRoute,
  newUpstreamRoute,
  newWalletMessageRoute,
  newWalletRoute,
  removeMethodRoute,
} from '../interactions/method-handlers.ts';
import { pageErrors } from '../interactions/page-guard.ts';
import {
  acceptInvitationRoute,
  changeRoleRoute,
  createTeamRoute,
  inviteRoute,
  leaveTeamRoute,
  removeMemberRoute,
  showInvitationRoute,
  showTeamRoute,
  showTeamsRoute,
  type TeamPageDeps,
  withdrawInvitationRoute,
} from '../interactions/team-handlers.ts';

type Route = readonly ['GET' | 'POST', string, ...Middleware[]];

/** The pages of people's own accounts, and where links of mails lead. */
export function accountRoutes(deps: TeamPageDeps): readonly Route[] {
  const page = pageErrors(deps);
  return [
    ['GET', '/account', page, showProfileRoute(deps)],
    ['POST', '/account/profile', page, saveProfileRoute(deps)],
    ['POST', '/account/email', page, changeEmailRoute(deps)],
    ['GET', '/account/delete', page, showDeleteRoute(deps)],
    ['POST', '/account/delete', page, deleteAccountRoute(deps)],
    ['GET', '/account/security', page, showSecurityRoute(deps)],
    ['POST', '/account/password', page, changePasswordRoute(deps)],
    ['POST', '/account/passkeys/options', page, newPasskeyOptionsRoute(deps)],
    ['POST', '/account/passkeys', page, newPasskeyRoute(deps)],
    ['POST', '/account/passkeys/:id/remove', page, removeMethodRoute(deps, 'passkey')],
    ['POST', '/account/wallet/message', page, newWalletMessageRoute(deps)],
    ['POST', '/account/wallet', page, newWalletRoute(deps)],
    ['GET', '/account/upstream/:provider', page, newUpstreamRoute(deps)],
    ['GET', '/account/upstream/:provider/callback', page, newUpstreamCallbackRoute(deps)],
    ['POST', '/account/identities/:id/remove', page, removeMethodRoute(deps, 'identity')],
    ['GET', '/account/sessions', page, showSessionsRoute(deps)],
    ['POST', '/account/sessions/end-others', page, endSessionRoute(deps)],
    ['POST', '/account/sessions/:uid/end', page, endSessionRoute(deps)],
    ['GET', '/account/apps', page, showAppsRoute(deps)],
    ['POST', '/account/apps/:grantId/revoke', page, revokeAppRoute(deps)],
    ['GET', '/account/teams', page, showTeamsRoute(deps)],
    ['POST', '/account/teams', page, createTeamRoute(deps)],
    ['GET', '/account/teams/:teamId', page, showTeamRoute(deps)],
    ['POST', '/account/teams/:teamId/invite', page, inviteRoute(deps)],
    ['POST', '/account/teams/:teamId/leave', page, leaveTeamRoute(deps)],
    ['POST', '/account/teams/:teamId/members/:accountId/role', page, changeRoleRoute(deps)],
    ['POST', '/account/teams/:teamId/members/:accountId/remove', page, removeMemberRoute(deps)],
    [
      'POST',
      '/account/teams/:teamId/invitations/:invitationId/withdraw',
      page,
      withdrawInvitationRoute(deps),
    ],
    ['GET', '/account/invitation', page, showInvitationRoute(deps)],
    ['POST', '/account/invitation', page, acceptInvitationRoute(deps)],
    ['GET', '/account/sign-in', page, beginAccountSignInRoute(deps)],
    ['GET', '/account/forgot', page, beginAccountSignInRoute(deps, '/forgot')],
    ['GET', '/interaction/:uid/done', page, endAccountSignInRoute(deps)],
    ['POST', '/account/sign-out', page, signOutRoute(deps)],
    ['GET', '/account/signed-out', page, signedOutRoute(deps)],
    ['GET', '/account/mail', page, showMailLinkRoute(deps)],
    // The command line's link to the first operator's account.
    ['GET', '/setup', page, showMailLinkRoute(deps)],
    ['POST', '/account/mail', page, useMailLinkRoute(deps)],
  ];
}
