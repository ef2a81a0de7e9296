import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { emailSchema } from '../accounts/account.ts';
import { limitInvitations } from '../http/rate-limit.ts';
import { LIMITS } from '../limits.ts';
import { sendPage } from '../pages/send-page.ts';
import { invitationPage, teamPage, teamsPage } from '../pages/team-pages.ts';
import { acceptInvitation, inviteMember, withdrawInvitation } from '../teams/invitations.ts';
import { ROLES, type Role } from '../teams/role.ts';
import { showInvitation } from '../teams/show-invitation.ts';
import {
  changeRole,
  createTeam,
  leaveTeam,
  listInvitations,
  listMembers,
  listTeamsOfAccount,
  type Member,
  removeMember,
  type Team,
} from '../teams/team-members.ts';
import { type AccountDeps, backTo, viewOf } from './account-handlers.ts';
import { type AtAccount, withAccount } from './account-session.ts';
import { tokenOf } from './account-sign-in.ts';
import { redirect } from './finish-sign-in.ts';
import { readOwnForm } from './page-guard.ts';

export type TeamPageDeps = AccountDeps & {
  readonly sendInvitation: (invitation: { email: string; token: string }) => void;
};

const NAME_CHARS_MAX = 100;

/** GET /account/teams */
export function showTeamsRoute(deps: TeamPageDeps): Middleware {
  return withAccount(deps, 'teams', (ctx, at) => showTeams(deps, ctx, at));
}

async function showTeams(
  deps: TeamPageDeps,
  ctx: Context,
  at: AtAccount,
  words?: { fault: string; status: number },
): Promise<void> {
  const teams = await teamsOf(deps, at.account.id);
  sendPage(ctx, deps.pageKit, teamsPage(viewOf(ctx, at, 'teams', words), teams));
}

/** POST /account/teams */
export function createTeamRoute(deps: TeamPageDeps): Middleware {
  return withAccount(deps, 'teams', async (ctx, at) => {
    const form = await readOwnForm(ctx, deps, at.holder);
    const name = (form.one('name') ?? '').trim();
    if (name === '' || name.length > NAME_CHARS_MAX) {
      const fault = `A name has 1 to ${NAME_CHARS_MAX} characters.`;
      return showTeams(deps, ctx, at, { fault, status: 422 });
    }
    const { id } = await createTeam(deps, { name, actor: at.account.id });
    redirect(ctx, `/account/teams/${id}`);
  });
}

/** GET /account/teams/:teamId */
export function showTeamRoute(deps: TeamPageDeps): Middleware {
  return withAccount(deps, 'teams', (ctx, at) => showTeam(deps, ctx, at));
}

async function showTeam(
  deps: TeamPageDeps,
  ctx: Context,
  at: AtAccount,
  words?: { fault: string; status: number },
): Promise<void> {
  const teamId = String(ctx.params.teamId);
  const ownId = at.account.id;
  const team = (await teamsOf(deps, ownId)).find(({ id }) => id === teamId);
  const asked = { teamId, actor: ownId, limit: LIMITS.teamPageMax };
  const listed = await listMembers(deps, asked);
  const invited = await listInvitations(deps, asked);
  if (!team || !listed.ok || !invited.ok) throw new ServiceError('not_found');
  const view = viewOf(ctx, at, 'teams', words);
  const members = listed.value.toSorted(byRank);
  const invitations = invited.value.toSorted((a, b) => a.email.localeCompare(b.email));
  sendPage(ctx, deps.pageKit, teamPage(view, { team, ownId, members, invitations }));
}

async function teamsOf(deps: TeamPageDeps, accountId: string): Promise<Team[]> {
  const teams = await listTeamsOfAccount(deps, { accountId, limit: LIMITS.teamsPageMax });
  return teams.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Owners first, then who has been there longest. */
function byRank(a: Member, b: Member): number {
  const ranks = Number(a.role !== 'owner') - Number(b.role !== 'owner');
  return ranks || a.joinedAt.getTime() - b.joinedAt.getTime();
}

/** POST /account/teams/:teamId/invite */
export function inviteRoute(deps: TeamPageDeps): Middleware {
  return teamForm(deps, async (ctx, at, form) => {
    const email = emailSchema.safeParse(form.one('email')).data;
    if (email === undefined) {
      const fault = 'Type an email address, such as name@example.org.';
      await showTeam(deps, ctx, at, { fault, status: 422 });
      return undefined;
    }
    await limitInvitations(deps, ctx, { actor: at.account.id, email });
    const role = roleOf(form.one('role'));
    const teamId = String(ctx.params.teamId);
    const outcome = await inviteMember(deps, { teamId, actor: at.account.id, email, role });
    if (outcome.ok) deps.sendInvitation({ email, token: outcome.value.token });
    return outcome.ok ? 'invited' : outcome;
  });
}

/** POST /account/teams/:teamId/members/:accountId/role */
export function changeRoleRoute(deps: TeamPageDeps): Middleware {
  return teamForm(deps, async (ctx, at, form) => {
    const role = roleOf(form.one('role'));
    const outcome = await changeRole(deps, { ...memberOf(ctx, at), role });
    return outcome.ok ? 'changed' : outcome;
  });
}

/** POST /account/teams/:teamId/members/:accountId/remove */
export function removeMemberRoute(deps: TeamPageDeps): Middleware {
  return teamForm(deps, async (ctx, at) => {
    const outcome = await removeMember(deps, memberOf(ctx, at));
    return outcome.ok ? 'out' : outcome;
  });
}

/** POST /account/teams/:teamId/invitations/:invitationId/withdraw */
export function withdrawInvitationRoute(deps: TeamPageDeps): Middleware {
  return teamForm(deps, async (ctx, at) => {
    const [teamId, invitationId] = [String(ctx.params.teamId), String(ctx.params.invitationId)];
    const by = { teamId, invitationId, actor: at.account.id };
    const outcome = await withdrawInvitation(deps, by);
    return outcome.ok ? 'withdrawn' : outcome;
  });
}

/** POST /account/teams/:teamId/leave */
export function leaveTeamRoute(deps: TeamPageDeps): Middleware {
  return teamForm(deps, async (ctx, at) => {
    const teamId = String(ctx.params.teamId);
    const outcome = await leaveTeam(deps, { teamId, actor: at.account.id });
    if (!outcome.ok) return outcome;
    backTo(ctx, 'teams', 'left');
    return undefined;
  });
}

/** GET /account/invitation: whoever has no session signs in, or makes an account, and comes back. */
export function showInvitationRoute(deps: TeamPageDeps): Middleware {
  const show = withAccount(deps, 'teams', async (ctx, at) => {
    const token = tokenOf(ctx.query.token);
    if (token === undefined) throw new ServiceError('link_expired');
    const invitation = await showInvitation(deps, { token });
    if (!invitation.ok) throw new ServiceError('link_expired');
    const { csrf } = at;
    const { who } = viewOf(ctx, at, 'teams');
    sendPage(ctx, deps.pageKit, invitationPage({ token, csrf, who, ...invitation.value }));
  });
  return async (ctx, next) => {
    const token = tokenOf(ctx.query.token);
    const session = await deps.issuerParts.provider().Session.get(ctx as Context);
    if (session.accountId !== undefined || token === undefined) return show(ctx, next);
    redirect(ctx as Context, `/account/sign-in?to=teams&invitation=${token}`);
  };
}

/** POST /account/invitation */
export function acceptInvitationRoute(deps: TeamPageDeps): Middleware {
  return withAccount(deps, 'teams', async (ctx, at) => {
    const form = await readOwnForm(ctx, deps, at.holder);
    const token = tokenOf(form.one('token'));
    if (token === undefined) throw new ServiceError('link_expired');
    const outcome = await acceptInvitation(deps, { token, accountId: at.account.id });
    if (!outcome.ok) throw new ServiceError('link_expired');
    redirect(ctx, `/account/teams/${outcome.value.teamId}?did=joined`);
  });
}

type Did = 'invited' | 'changed' | 'out' | 'withdrawn';
type TeamFault = { readonly ok: false; readonly code: Parameters<typeof publicError>[0] };
type OwnForm = Awaited<ReturnType<typeof readOwnForm>>;

/** A form of a team's page: afterwards the page again, with what was done or why not. */
function teamForm(
  deps: TeamPageDeps,
  work: (ctx: Context, at: AtAccount, form: OwnForm) => Promise<Did | TeamFault | undefined>,
): Middleware {
  return withAccount(deps, 'teams', async (ctx, at) => {
    const form = await readOwnForm(ctx, deps, at.holder);
    const done = await work(ctx, at, form);
    if (done === undefined) return;
    if (typeof done === 'string') {
      return redirect(ctx, `/account/teams/${String(ctx.params.teamId)}?did=${done}`);
    }
    if (done.code === 'not_found') throw new ServiceError('not_found');
    const { message: fault, status } = publicError(done.code);
    await showTeam(deps, ctx, at, { fault, status });
  });
}

function memberOf(ctx: Context, at: AtAccount) {
  const { teamId, accountId } = ctx.params;
  return { teamId: String(teamId), accountId: String(accountId), actor: at.account.id };
}

/** A role by its name; the least of them for anything else. */
function roleOf(text: string | undefined): Role {
  return ROLES.find((role) => role === text) ?? 'viewer';
}
