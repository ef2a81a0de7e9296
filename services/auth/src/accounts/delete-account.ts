import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { takeOut } from '../teams/team-members.ts';
import { deleteInvitationsTo, findTeamsHeldBy, lockTeam } from '../teams/team-store.ts';
import { deleteUser } from '../users/delete-user.ts';
import { findUsersOf } from '../users/user-of-account-store.ts';
import type { Account } from './account.ts';
import { eraseAccount, findAccountById, lockAccount } from './account-store.ts';
import { endEverything } from './end-sessions.ts';

export type DeleteRefusal = 'not_found' | 'conflict' | 'last_owner';

/**
 * Deletes a person, by their own wish or the operator's: every session, grant and key ends, what
 * is known of them goes, and their address, wallets and passkeys are free for a new account. What
 * they used stays in the books of the apps, under an id that nobody has any more.
 *
 * @returns the account as it was; `not_found`; `conflict` for an operator, who must be made an
 * ordinary person first; `last_owner` while a team with apps or other members has no other owner.
 */
export async function deleteAccount(
  deps: ChangeIdentityDeps,
  input: { accountId: string; actor: string; requestId?: string | undefined },
): Promise<Outcome<Account, DeleteRefusal>> {
  const { accountId, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    // Nobody adds a way to sign in, or a membership, from here on.
    await lockAccount(tx, accountId);
    const account = await findAccountById(tx, accountId);
    if (!account || account.status === 'deleted') return refused('not_found');
    if (account.isOperator) return refused('conflict');
    const teams = await findTeamsHeldBy(tx, accountId);
    for (const { id } of teams) await lockTeam(tx, id);
    const held = await findTeamsHeldBy(tx, accountId);
    if (held.some(({ needsThem }) => needsThem)) return refused('last_owner');
    for (const { id: teamId } of held) {
      await takeOut(tx, { teamId, actor, accountId }, 'team.left');
    }
    await endEverything({ tx, record }, { accountId, reason: 'account deleted' });
    const within = { ...deps, within: { tx, record } };
    for (const { appId, externalUserId } of await findUsersOf(tx, accountId)) {
      await deleteUser(within, { appId, externalUserId, actor, requestId });
    }
    if (account.email !== null) await deleteInvitationsTo(tx, account.email);
    await eraseAccount(tx, accountId);
    await recordAudit(tx, { action: 'account.deleted', actor, target: accountId, requestId });
    return ok(account);
  });
}

/** The teams that keep a person from being deleted: without them nobody could run these. */
export async function listTeamsThatNeed(
  deps: Pick<ChangeIdentityDeps, 'db'>,
  { accountId }: { accountId: string },
): Promise<{ id: string; name: string }[]> {
  const held = await findTeamsHeldBy(deps.db, accountId);
  return held.filter(({ needsThem }) => needsThem).map(({ id, name }) => ({ id, name }));
}
