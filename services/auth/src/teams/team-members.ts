import {
  type Database,
  newId,
  type Outcome,
  ok,
  refused,
  type Transaction,
} from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { inTransaction, type TransactionDeps } from '../identity/change-identity.ts';
import { may, type Role, type TeamPermission } from './role.ts';
import {
  countOtherOwners,
  deleteInvitations,
  deleteMember,
  findInvitations,
  findMembers,
  findRole,
  findTeamsOfAccount,
  type Invitation,
  insertTeam,
  type ListPage,
  lockTeam,
  type Member,
  markKeysForRotation,
  markSecretsForRotation,
  type Team,
  updateRole,
} from './team-store.ts';

export type { Member, Team };

export type TeamDeps = TransactionDeps;

/** Who does something to which team. Strangers are told that there is no such team. */
export type TeamActor = { readonly teamId: string; readonly actor: string };
export type TeamRefusal = 'not_found' | 'insufficient_scope' | 'last_owner';

/** What somebody who left has seen, and what is due for rotation: API keys, and clients' secrets. */
export type DueAfter = {
  readonly keysDue: readonly string[];
  readonly clientsDue: readonly string[];
};

const SECRET_SEEN = 'shown to a member who left';

/** Makes a team; whoever makes it owns it. */
export async function createTeam(
  deps: TeamDeps,
  input: { name: string; actor: string },
): Promise<Team> {
  const id = newId('team');
  const { name, actor } = input;
  await inTransaction(deps, async (tx) => {
    await insertTeam(tx, { id, name, ownerId: actor });
    await recordAudit(tx, { action: 'team.created', actor, target: id });
  });
  return { id, name, role: 'owner' };
}

/** A page of a person's teams, with the role in each. */
export async function listTeamsOfAccount(
  deps: TeamDeps,
  input: { accountId: string } & ListPage,
): Promise<Team[]> {
  return findTeamsOfAccount(deps.db, input.accountId, input);
}

/** A page of the members, for any member. */
export async function listMembers(
  deps: TeamDeps,
  input: TeamActor & ListPage,
): Promise<Outcome<Member[], TeamRefusal>> {
  const allowed = await permit(deps.db, input, 'read');
  return allowed.ok ? ok(await findMembers(deps.db, input.teamId, input)) : allowed;
}

/** A page of the open invitations, for any member. */
export async function listInvitations(
  deps: TeamDeps,
  input: TeamActor & ListPage,
): Promise<Outcome<Invitation[], TeamRefusal>> {
  const allowed = await permit(deps.db, input, 'read');
  return allowed.ok ? ok(await findInvitations(deps.db, input.teamId, input)) : allowed;
}

/**
 * Gives a member another role. Only an owner makes or unmakes owners, and the last one stays.
 *
 * @returns `not_found`, `insufficient_scope`, `last_owner`.
 */
export async function changeRole(
  deps: TeamDeps,
  input: TeamActor & { accountId: string; role: Role },
): Promise<Outcome<undefined, TeamRefusal>> {
  return changeMember(
    deps,
    input,
    async (tx, old) => {
      if ((old === 'owner' || input.role === 'owner') && old !== input.role) {
        const owners = await permit(tx, input, 'owners');
        if (!owners.ok) return owners;
      }
      await updateRole(tx, input);
      await note(tx, input, 'team.role_changed', { from: old, to: input.role });
      return ok(undefined);
    },
    input.role === 'owner',
  );
}

/**
 * Takes a member out: from this moment nothing of the team answers to that person, and the keys and
 * clients' secrets that the person was shown are due for rotation.
 *
 * @returns what is due.
 */
export async function removeMember(
  deps: TeamDeps,
  input: TeamActor & { accountId: string },
): Promise<Outcome<DueAfter, TeamRefusal>> {
  return changeMember(deps, input, async (tx, old) => {
    if (old === 'owner') {
      const owners = await permit(tx, input, 'owners');
      if (!owners.ok) return owners;
    }
    return ok(await takeOut(tx, input, 'team.member_removed'));
  });
}

/** Leaves a team; its last owner cannot. */
export async function leaveTeam(
  deps: TeamDeps,
  input: TeamActor,
): Promise<Outcome<DueAfter, TeamRefusal>> {
  return inTransaction(deps, async (tx) => {
    const role = (await lockTeam(tx, input.teamId))
      ? await findRole(tx, input.teamId, input.actor)
      : undefined;
    if (!role) return refused('not_found');
    const others = await countOtherOwners(tx, input.teamId, input.actor);
    if (role === 'owner' && others === 0) return refused('last_owner');
    return ok(await takeOut(tx, { ...input, accountId: input.actor }, 'team.left'));
  });
}

/** May this person do that? Strangers get `not_found`. */
export async function permit(
  db: Database,
  { teamId, actor }: TeamActor,
  permission: TeamPermission,
): Promise<Outcome<Role, TeamRefusal>> {
  const role = await findRole(db, teamId, actor);
  if (!role) return refused('not_found');
  return may(role, permission) ? ok(role) : refused('insufficient_scope');
}

/** Changes a member under the team's lock, so that two owners cannot take each other out at once. */
async function changeMember<T>(
  deps: TeamDeps,
  input: TeamActor & { accountId: string },
  change: (tx: Transaction, old: Role) => Promise<Outcome<T, TeamRefusal>>,
  staysOwner = false,
): Promise<Outcome<T, TeamRefusal>> {
  return inTransaction(deps, async (tx) => {
    if (!(await lockTeam(tx, input.teamId))) return refused('not_found');
    const allowed = await permit(tx, input, 'members');
    if (!allowed.ok) return allowed;
    const old = await findRole(tx, input.teamId, input.accountId);
    if (!old) return refused('not_found');
    const others = await countOtherOwners(tx, input.teamId, input.accountId);
    if (old === 'owner' && others === 0 && !staysOwner) return refused('last_owner');
    return change(tx, old);
  });
}

/** Takes a member out inside a transaction; whether that may be is decided before. */
export async function takeOut(
  tx: Transaction,
  input: TeamActor & { accountId: string },
  action: string,
): Promise<DueAfter> {
  await deleteMember(tx, input.teamId, input.accountId);
  // Or whoever is taken out comes back by an invitation to an address of their own.
  await deleteInvitations(tx, { teamId: input.teamId, invitedBy: input.accountId });
  const reason = 'made by a member who left';
  const keysDue = await markKeysForRotation(tx, { ...input, reason });
  const clientsDue = await markSecretsForRotation(tx, { ...input, reason: SECRET_SEEN });
  await note(tx, input, action, { keysDue: keysDue.length, clientsDue: clientsDue.length });
  return { keysDue, clientsDue };
}

async function note(
  tx: Transaction,
  input: TeamActor & { accountId: string },
  action: string,
  detail: Record<string, string | number>,
): Promise<void> {
  const { actor, teamId, accountId } = input;
  await recordAudit(tx, { action, actor, target: accountId, detail: { teamId, ...detail } });
}
