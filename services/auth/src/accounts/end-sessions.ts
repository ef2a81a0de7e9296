import type { Transaction } from '@clearinghouse/shared';
import type { IdentityChange } from '../identity/principal-status.ts';
import { revokeGrantIn } from '../oidc/revoke-grant.ts';
import {
  deleteSessions,
  deleteSignInsUnderWay,
  findGrantIdsOf,
  type SessionChoice,
} from './account-session-store.ts';
import { deleteMailTokens } from './mail-token-store.ts';

type WriteDeps = { tx: Transaction; record: (change: IdentityChange) => void };

/**
 * Signs a person out in every browser and ends every grant, so that no refresh token lives on.
 *
 * @param input.exceptUid the session that stays.
 */
export async function endEverything(
  deps: WriteDeps,
  input: { accountId: string; reason: string; exceptUid?: string | undefined },
): Promise<void> {
  const { accountId, reason, exceptUid } = input;
  const choice: SessionChoice = exceptUid === undefined ? { all: true } : { exceptUid };
  await deleteSessions(deps.tx, accountId, choice);
  await deleteWaysBack(deps.tx, accountId);
  for (const grantId of await findGrantIdsOf(deps.tx, accountId)) {
    await revokeGrantIn(deps.tx, deps.record, { grantId, reason });
  }
}

/**
 * Ends by what somebody who was signed in until now could be so again: the links that were mailed,
 * of which they may have asked for one, and sign-ins that are not finished yet.
 */
export async function deleteWaysBack(tx: Transaction, accountId: string): Promise<void> {
  await deleteMailTokens(tx, { accountId });
  await deleteSignInsUnderWay(tx, accountId);
}
