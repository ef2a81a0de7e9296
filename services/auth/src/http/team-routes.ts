import { guard, ok, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import type { ConsumeRate } from '../rate-limits/rate-limit.ts';
import { acceptInvitation, inviteMember, withdrawInvitation } from '../teams/invitations.ts';
import { ROLES } from '../teams/role.ts';
import { createTeamApp, listTeamApps } from '../teams/team-apps.ts';
import {
  changeRole,
  createTeam,
  leaveTeam,
  listInvitations,
  listMembers,
  listTeamsOfAccount,
  type Member,
  removeMember,
} from '../teams/team-members.ts';
import { makeOnce } from './make-once.ts';
import { cursorOf, nextOf, pageQuery } from './page-query.ts';
import { limitInvitations } from './rate-limit.ts';
import { callerOf } from './require-caller.ts';

/** Sends an invitation's link by mail; never fails. */
export type SendInvitation = (invitation: { email: string; token: string }) => void;

export type TeamRouteDeps = ChangeIdentityDeps & {
  readonly sendInvitation: SendInvitation;
  readonly consumeRate: ConsumeRate;
};

const team = z.object({ teamId: z.string().max(64) });
const member = team.extend({ accountId: z.string().max(64) });
const name = z.string().trim().min(1).max(100);
const role = z.enum(ROLES);

const who = (ctx: Context) => callerOf(ctx).id;

/** A page of members; the account is the cursor. */
export function memberPage(members: readonly Member[], limit: number) {
  return {
    members,
    next: nextOf(
      members.map(({ accountId: id }) => ({ id })),
      limit,
    ),
  };
}

/** GET /teams */
export function listTeamsRoute(deps: TeamRouteDeps): Middleware {
  const query = pageQuery(LIMITS.teamsPageMax, cursorOf('team'));
  return guard({ query }, async (ctx, { query: page }) => {
    const teams = await listTeamsOfAccount(deps, { accountId: who(ctx), ...page });
    ctx.body = { teams, next: nextOf(teams, page.limit) };
  });
}

/** POST /teams */
export function createTeamRoute(deps: TeamRouteDeps): Middleware {
  return guard({ body: z.object({ name }) }, async (ctx, { body, rawBody }) => {
    const outcome = await makeOnce(deps, ctx, {
      what: 'team',
      rawBody,
      work: async (within) => ok(await createTeam(within, { ...body, actor: who(ctx) })),
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.status = 201;
    ctx.body = outcome.value;
  });
}

/** GET /teams/:teamId/members */
export function listMembersRoute(deps: TeamRouteDeps): Middleware {
  const query = pageQuery(LIMITS.teamPageMax, cursorOf('acc'));
  return guard({ params: team, query }, async (ctx, { params, query: page }) => {
    const outcome = await listMembers(deps, { ...params, ...page, actor: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = memberPage(outcome.value, page.limit);
  });
}

/** GET /teams/:teamId/invitations */
export function listInvitationsRoute(deps: TeamRouteDeps): Middleware {
  const query = pageQuery(LIMITS.teamPageMax, cursorOf('inv'));
  return guard({ params: team, query }, async (ctx, { params, query: page }) => {
    const outcome = await listInvitations(deps, { ...params, ...page, actor: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { invitations: outcome.value, next: nextOf(outcome.value, page.limit) };
  });
}

/** POST /teams/:teamId/invitations */
export function inviteMemberRoute(deps: TeamRouteDeps): Middleware {
  const body = z.object({ email: z.email().max(320), role: role.default('viewer') });
  return guard({ params: team, body }, async (ctx, { params, body: input, rawBody }) => {
    await limitInvitations(deps, ctx, { actor: who(ctx), email: input.email });
    const outcome = await makeOnce(deps, ctx, {
      what: `invitation to ${params.teamId}`,
      rawBody,
      work: (within) => inviteMember(within, { ...params, ...input, actor: who(ctx) }),
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    const { id, token, expiresAt } = outcome.value;
    deps.sendInvitation({ email: input.email, token });
    ctx.status = 201;
    ctx.body = { id, expiresAt: expiresAt.toISOString() };
  });
}

/** DELETE /teams/:teamId/invitations/:invitationId */
export function withdrawInvitationRoute(deps: TeamRouteDeps): Middleware {
  const params = team.extend({ invitationId: z.string().max(64) });
  return guard({ params }, async (ctx, { params: at }) => {
    const outcome = await withdrawInvitation(deps, { ...at, actor: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}

/** POST /invitations/accept */
export function acceptInvitationRoute(deps: TeamRouteDeps): Middleware {
  const body = z.object({ token: z.string().min(1).max(LIMITS.apiKeyCharsMax) });
  return guard({ body }, async (ctx, { body: input }) => {
    const outcome = await acceptInvitation(deps, { ...input, accountId: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = outcome.value;
  });
}

/** PUT /teams/:teamId/members/:accountId */
export function changeRoleRoute(deps: TeamRouteDeps): Middleware {
  return guard({ params: member, body: z.object({ role }) }, async (ctx, { params, body }) => {
    const outcome = await changeRole(deps, { ...params, ...body, actor: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}

/** DELETE /teams/:teamId/members/:accountId */
export function removeMemberRoute(deps: TeamRouteDeps): Middleware {
  return guard({ params: member }, async (ctx, { params }) => {
    const outcome = await removeMember(deps, { ...params, actor: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = outcome.value;
  });
}

/** POST /teams/:teamId/leave */
export function leaveTeamRoute(deps: TeamRouteDeps): Middleware {
  return guard({ params: team }, async (ctx, { params }) => {
    const outcome = await leaveTeam(deps, { ...params, actor: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = outcome.value;
  });
}

/** GET /teams/:teamId/apps */
export function listTeamAppsRoute(deps: TeamRouteDeps): Middleware {
  const query = pageQuery(LIMITS.teamPageMax, cursorOf('app'));
  return guard({ params: team, query }, async (ctx, { params, query: page }) => {
    const outcome = await listTeamApps(deps, { ...params, ...page, actor: who(ctx) });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { apps: outcome.value, next: nextOf(outcome.value, page.limit) };
  });
}

/** POST /teams/:teamId/apps */
export function createTeamAppRoute(deps: TeamRouteDeps): Middleware {
  return guard(
    { params: team, body: z.object({ name }) },
    async (ctx, { params, body, rawBody }) => {
      const { requestId } = ctx.state;
      const input = { ...params, ...body, actor: who(ctx), requestId };
      const outcome = await makeOnce(deps, ctx, {
        what: `app of ${params.teamId}`,
        rawBody,
        work: (within) => createTeamApp(within, input),
      });
      if (!outcome.ok) throw new ServiceError(outcome.code);
      ctx.status = 201;
      ctx.body = outcome.value;
    },
  );
}
