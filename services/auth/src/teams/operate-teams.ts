import { newId, type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { findApp } from '../apps/app-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { inTransaction } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { type Invited, writeInvitation } from './invitations.ts';
import type { Role } from './role.ts';
import { type DueAfter, type TeamDeps, type TeamRefusal, takeOut } from './team-members.ts';
import {
  countOtherOwners,
  findAccountIdByEmail,
  findAppsOfTeam,
  findInvitations,
  findMembers,
  findRoleRow,
  findTeam,
  findTeams,
  type Invitation,
  insertMember,
  insertTeam,
  isActiveAccount,
  type ListPage,
  lockTeam,
  type Member,
  markSeenForRotation,
  type TeamLine,
  updateAppTeam,
  updateRole,
} from './team-store.ts';

const FIRST_PAGE = { limit: LIMITS.teamPageMax } as const;

type Operator = { readonly actor: string };
type At = Operator & { readonly teamId: string; readonly accountId: string };

export type { TeamLine };

/** A team as the operator sees it. */
export type TeamView = TeamLine & {
  readonly members: readonly Member[];
  readonly invitations: readonly Invitation[];
  readonly apps: readonly { id: string; name: string; status: string }[];
};

/** A page of the teams of this installation, oldest first; those with `name` in their names. */
export async function listAllTeams(
  deps: { readonly db: Sql },
  page: { limit: number; after?: string | undefined; name?: string | undefined },
): Promise<TeamLine[]> {
  return findTeams(deps.db, page);
}

/** One team with who and what is in it: the first page of each. */
export async function showTeam(
  deps: { readonly db: Sql },
  { teamId }: { teamId: string },
): Promise<Outcome<TeamView, 'not_found'>> {
  const team = await findTeam(deps.db, teamId);
  if (!team) return refused('not_found');
  const [members, invitations, apps] = await Promise.all([
    findMembers(deps.db, teamId, FIRST_PAGE),
    findInvitations(deps.db, teamId, FIRST_PAGE),
    findAppsOfTeam(deps.db, teamId, FIRST_PAGE),
  ]);
  return ok({ ...team, members, invitations, apps });
}

/** A page of the members of any team; `not_found`: there is no such team. */
export async function listMembersOf(
  deps: { readonly db: Sql },
  input: { teamId: string } & ListPage,
): Promise<Outcome<Member[], 'not_found'>> {
  if (!(await findTeam(deps.db, input.teamId))) return refused('not_found');
  return ok(await findMembers(deps.db, input.teamId, input));
}

/** A team that was made; `invited` goes into the mail to the address, and nowhere else. */
export type NewTeam = {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string | null;
  readonly invited: Invited | null;
};

/**
 * Makes a team that a person owns: by account, or by address. Whoever has no account with that
 * address, or has not shown that it is theirs, is invited to own it.
 *
 * @returns `not_found` when nobody active has this account.
 */
export async function createTeamFor(
  deps: TeamDeps,
  input: Operator & { name: string } & ({ ownerId: string } | { ownerEmail: string }),
): Promise<Outcome<NewTeam, 'not_found'>> {
  const { name, actor } = input;
  return inTransaction(deps, async (tx) => {
    const byEmail = 'ownerEmail' in input;
    const ownerId = byEmail ? await findAccountIdByEmail(tx, input.ownerEmail) : input.ownerId;
    if (!byEmail && !(await isActiveAccount(tx, input.ownerId))) return refused('not_found');
    const id = newId('team');
    await insertTeam(tx, { id, name, ownerId });
    const detail = { ownerId: ownerId ?? '' };
    await recordAudit(tx, { action: 'team.created', actor, target: id, detail });
    const team = { id, name, ownerId: ownerId ?? null };
    if (ownerId || !byEmail) return ok({ ...team, invited: null });
    const email = input.ownerEmail;
    const to = { teamId: id, email, role: 'owner', actor, invitedBy: null } as const;
    return ok({ ...team, invited: await writeInvitation(tx, to) });
  });
}

/**
 * Puts a person into a team with a role, or gives a member another one: the way back when a team’s
 * only owner is gone.
 *
 * @returns `not_found`; `last_owner` when the team would be left without one.
 */
export async function putMember(
  deps: TeamDeps,
  input: At & { role: Role },
): Promise<Outcome<undefined, TeamRefusal>> {
  const { teamId, accountId, role, actor } = input;
  return inTransaction(deps, async (tx) => {
    if (!(await lockTeam(tx, teamId))) return refused('not_found');
    const old = await findRoleRow(tx, teamId, accountId);
    if (!old && !(await isActiveAccount(tx, accountId))) return refused('not_found');
    const others = await countOtherOwners(tx, teamId, accountId);
    if (old === 'owner' && role !== 'owner' && others === 0) return refused('last_owner');
    if (old) await updateRole(tx, input);
    else await insertMember(tx, input);
    const detail = { teamId, from: old ?? '', to: role };
    const action = old ? 'team.role_changed' : 'team.member_added';
    await recordAudit(tx, { action, actor, target: accountId, detail });
    return ok(undefined);
  });
}

/**
 * Takes a member out, as the team’s own people do.
 *
 * @returns what is due for rotation; `not_found`; `last_owner`.
 */
export async function expelMember(
  deps: TeamDeps,
  input: At,
): Promise<Outcome<DueAfter, TeamRefusal>> {
  const { teamId, accountId } = input;
  return inTransaction(deps, async (tx) => {
    if (!(await lockTeam(tx, teamId))) return refused('not_found');
    const old = await findRoleRow(tx, teamId, accountId);
    if (!old) return refused('not_found');
    const others = await countOtherOwners(tx, teamId, accountId);
    if (old === 'owner' && others === 0) return refused('last_owner');
    return ok(await takeOut(tx, input, 'team.member_removed'));
  });
}

/**
 * Gives an app to a team, or (null) takes it back to the operator. Its people lose it, and the others
 * have it, at the next request; what they were shown of it is due for rotation.
 *
 * @returns what is due; `not_found` for an unknown app or team.
 */
export async function moveApp(
  deps: TeamDeps,
  input: Operator & { appId: string; teamId: string | null },
): Promise<Outcome<DueAfter, 'not_found'>> {
  const { appId, teamId, actor } = input;
  return inTransaction(deps, async (tx) => {
    if (!(await findApp(tx, appId))) return refused('not_found');
    if (teamId !== null && !(await lockTeam(tx, teamId))) return refused('not_found');
    const reason = 'shown to a member of the team that had the app';
    const due = await markSeenForRotation(tx, { appId, nextTeamId: teamId, reason });
    await updateAppTeam(tx, appId, teamId);
    const { keysDue, clientsDue } = due;
    const counts = { keysDue: keysDue.length, clientsDue: clientsDue.length };
    const detail = { teamId: teamId ?? '', ...counts };
    await recordAudit(tx, { action: 'app.team_changed', actor, appId, target: appId, detail });
    return ok(due);
  });
}
