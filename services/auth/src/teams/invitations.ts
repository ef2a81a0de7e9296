import { newId, type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { inTransaction } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import type { Role, TeamPermission } from './role.ts';
import { permit, type TeamActor, type TeamDeps, type TeamRefusal } from './team-members.ts';
import {
  deleteInvitations,
  insertMember,
  isActiveAccount,
  lockTeam,
  takeInvitation,
  upsertInvitation,
} from './team-store.ts';

/** An invitation with its secret, which goes into the mail and nowhere else. */
export type Invited = { readonly id: string; readonly token: string; readonly expiresAt: Date };

/**
 * Invites somebody by mail address. Only an owner invites owners.
 *
 * @returns the secret of the link; `not_found`, `insufficient_scope`.
 */
export async function inviteMember(
  deps: TeamDeps,
  input: TeamActor & { email: string; role: Role },
): Promise<Outcome<Invited, TeamRefusal>> {
  const { teamId, actor, role } = input;
  const email = input.email.trim().toLowerCase();
  return inTransaction(deps, async (tx) => {
    const allowed = await permit(tx, input, toInvite(role));
    if (!allowed.ok) return allowed;
    return ok(await writeInvitation(tx, { teamId, email, role, actor, invitedBy: actor }));
  });
}

/**
 * Writes an invitation inside a transaction; whether that may be is decided before.
 *
 * @param input.invitedBy the person; null when it is the operator's machine.
 */
export async function writeInvitation(
  tx: Transaction,
  input: { teamId: string; email: string; role: Role; actor: string; invitedBy: string | null },
): Promise<Invited> {
  const { teamId, role, actor } = input;
  const id = newId('inv');
  const token = mintSecret('lp_iv_');
  const expiresAt = new Date(Date.now() + LIMITS.invitationTtlSec * 1000);
  await upsertInvitation(tx, { ...input, id, expiresAt, tokenSha256: hashSecret(token) });
  await recordAudit(tx, { action: 'team.invited', actor, target: id, detail: { teamId, role } });
  return { id, token, expiresAt };
}

/**
 * Takes an invitation, once; whoever has the link from the mail may. It gives no more than its role,
 * and nothing when whoever sent it could not send it any more.
 *
 * @returns the team; `not_found` for one that is used, over, or was never there.
 */
export async function acceptInvitation(
  deps: TeamDeps,
  input: { token: string; accountId: string },
): Promise<Outcome<{ teamId: string; role: Role }, 'not_found'>> {
  const { accountId } = input;
  return inTransaction(deps, async (tx) => {
    const invitation = await takeInvitation(tx, hashSecret(input.token));
    if (!invitation) return refused('not_found');
    const { id, teamId, role, invitedBy } = invitation;
    await lockTeam(tx, teamId);
    if (!(await isActiveAccount(tx, accountId))) return refused('not_found');
    if (
      invitedBy !== null &&
      !(await permit(tx, { teamId, actor: invitedBy }, toInvite(role))).ok
    ) {
      return refused('not_found');
    }
    await insertMember(tx, { teamId, accountId, role });
    const detail = { teamId, role };
    await recordAudit(tx, { action: 'team.joined', actor: accountId, target: id, detail });
    return ok({ teamId, role });
  });
}

/**
 * Withdraws an invitation that nobody has taken: its link is worth nothing from now on.
 *
 * @returns `not_found`, `insufficient_scope`.
 */
export async function withdrawInvitation(
  deps: TeamDeps,
  input: TeamActor & { invitationId: string },
): Promise<Outcome<undefined, TeamRefusal>> {
  const { teamId, actor, invitationId: id } = input;
  return inTransaction(deps, async (tx) => {
    const allowed = await permit(tx, input, 'members');
    if (!allowed.ok) return allowed;
    if ((await deleteInvitations(tx, { teamId, id })) === 0) return refused('not_found');
    const action = 'team.invitation_withdrawn';
    await recordAudit(tx, { action, actor, target: id, detail: { teamId } });
    return ok(undefined);
  });
}

function toInvite(role: Role): TeamPermission {
  return role === 'owner' ? 'owners' : 'members';
}
