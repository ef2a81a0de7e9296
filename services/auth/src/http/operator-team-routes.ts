import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { emailSchema } from '../accounts/account.ts';
import { LIMITS } from '../limits.ts';
import {
  createTeamFor,
  expelMember,
  listAllTeams,
  listMembersOf,
  moveApp,
  putMember,
  showTeam,
  type TeamLine,
} from '../teams/operate-teams.ts';
import { ROLES } from '../teams/role.ts';
import { makeOnce } from './make-once.ts';
import { cursorOf, nextOf, pageQuery } from './page-query.ts';
import { callerOf } from './require-caller.ts';
import { memberPage, type TeamRouteDeps } from './team-routes.ts';

const id = z.string().max(64);
const team = z.object({ teamId: id });
const member = team.extend({ accountId: id });
const name = z.string().trim().min(1).max(LIMITS.teamNameCharsMax);

const toApiTeam = (line: TeamLine) => ({ ...line, createdAt: line.createdAt.toISOString() });

/** GET /admin/teams */
export function listAllTeamsRoute(deps: TeamRouteDeps): Middleware {
  const query = pageQuery(LIMITS.teamsPageMax, cursorOf('team')).extend({ name: name.optional() });
  return guard({ query }, async (ctx, { query: page }) => {
    const teams = await listAllTeams(deps, page);
    ctx.body = { teams: teams.map(toApiTeam), next: nextOf(teams, page.limit) };
  });
}

/** GET /admin/teams/:teamId */
export function showTeamRoute(deps: TeamRouteDeps): Middleware {
  return guard({ params: team }, async (ctx, { params }) => {
    const outcome = await showTeam(deps, params);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { ...outcome.value, ...toApiTeam(outcome.value) };
  });
}

/** GET /admin/teams/:teamId/members */
export function listMembersOfRoute(deps: TeamRouteDeps): Middleware {
  const query = pageQuery(LIMITS.teamPageMax, cursorOf('acc'));
  return guard({ params: team, query }, async (ctx, { params, query: page }) => {
    const outcome = await listMembersOf(deps, { ...params, ...page });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = memberPage(outcome.value, page.limit);
  });
}

/** POST /admin/teams */
export function createTeamForRoute(deps: TeamRouteDeps): Middleware {
  const owner = { ownerId: id.optional(), ownerEmail: emailSchema.optional() };
  const body = z.object({ name, ...owner });
  return guard({ body }, async (ctx, { body: input, rawBody }) => {
    const by = ownerOf(input);
    const outcome = await makeOnce(deps, ctx, {
      what: 'team of another',
      rawBody,
      work: (within) => createTeamFor(within, { name: input.name, ...by, actor: callerOf(ctx).id }),
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    const { invited, ...made } = outcome.value;
    if (invited && input.ownerEmail) {
      deps.sendInvitation({ email: input.ownerEmail, token: invited.token });
    }
    ctx.status = 201;
    const invitation = invited && { id: invited.id, expiresAt: invited.expiresAt.toISOString() };
    ctx.body = { ...made, invitation };
  });
}

function ownerOf(input: { ownerId?: string | undefined; ownerEmail?: string | undefined }) {
  const { ownerId, ownerEmail } = input;
  if (ownerId !== undefined && ownerEmail === undefined) return { ownerId };
  if (ownerEmail !== undefined && ownerId === undefined) return { ownerEmail };
  throw new ServiceError('invalid_request', { publicMessage: 'body: ownerId or ownerEmail' });
}

/** PUT /admin/teams/:teamId/members/:accountId */
export function putMemberRoute(deps: TeamRouteDeps): Middleware {
  const body = z.object({ role: z.enum(ROLES) });
  return guard({ params: member, body }, async (ctx, { params, body: input }) => {
    const outcome = await putMember(deps, { ...params, ...input, actor: callerOf(ctx).id });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}

/** DELETE /admin/teams/:teamId/members/:accountId */
export function expelMemberRoute(deps: TeamRouteDeps): Middleware {
  return guard({ params: member }, async (ctx, { params }) => {
    const outcome = await expelMember(deps, { ...params, actor: callerOf(ctx).id });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = outcome.value;
  });
}

/** PUT /admin/apps/:appId/team */
export function moveAppRoute(deps: TeamRouteDeps): Middleware {
  const body = z.object({ teamId: id.nullable() });
  return guard({ params: z.object({ appId: id }), body }, async (ctx, { params, body: input }) => {
    const outcome = await moveApp(deps, { ...params, ...input, actor: callerOf(ctx).id });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = outcome.value;
  });
}
