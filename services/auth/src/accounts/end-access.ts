import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { noteSignedOut } from '../logout/logout-notice-store.ts';
import { revokeGrantIn } from '../oidc/revoke-grant.ts';
import { deleteSessions, findGrantIdsOf, type SessionChoice } from './account-session-store.ts';
import { deleteWaysBack } from './end-sessions.ts';

/**
 * Signs a person out elsewhere: of one browser, or of all others, who then have no way
 * back either.
 *
 * @returns how many sessions ended.
 */
export async function endSessions(
  deps: ChangeIdentityDeps,
  input: { accountId: string; choice: SessionChoice },
): Promise<number> {
  const { accountId, choice } = input;
  return changeIdentity(deps, async (tx) => {
    const ended = await deleteSessions(tx, accountId, choice);
    if (!('uid' in choice)) await deleteWaysBack(tx, accountId);
    const action = 'account.sessions_ended';
    await recordAudit(tx, { action, actor: accountId, target: accountId, detail: { ended } });
    return ended;
  });
}

/** Takes back what a person allowed an app: its tokens end with it. `not_found`: no such grant. */
export async function revokeApp(
  deps: ChangeIdentityDeps,
  input: { accountId: string; grantId: string },
): Promise<Outcome<undefined, 'not_found'>> {
  const { accountId, grantId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const own = await findGrantIdsOf(tx, accountId);
    if (!own.includes(grantId)) return refused('not_found');
    await noteSignedOut(tx, { accountId, grantId });
    await revokeGrantIn(tx, record, {
      grantId,
      actor: accountId,
      reason: 'taken back by the person',
    });
    return ok(undefined);
  });
}
