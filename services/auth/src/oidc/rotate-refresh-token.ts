import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { judgeRefresh } from '../tokens/refresh-verdict.ts';
import type { ArtifactInput } from './artifact-store.ts';
import { findRefreshState, lockFamilyOf, succeedRefreshToken } from './refresh-family-store.ts';
import { revokeGrantIn } from './revoke-grant.ts';

/** Why the audit log says that a family ended. */
const REUSED = 'refresh token used twice';

/**
 * Uses a refresh token up and writes its child, in one transaction and only while the grant
 * exists: whoever revokes the grant at the same time comes before or after, never between.
 *
 * @returns `invalid_token` when the family is gone, or ended by this very use.
 */
export async function rotateRefreshToken(
  deps: ChangeIdentityDeps,
  input: { parentId: string; child: ArtifactInput },
): Promise<Outcome<undefined, 'invalid_token'>> {
  const { parentId, child } = input;
  return changeIdentity(deps, async (tx, record) => {
    const grantId = await lockFamilyOf(tx, parentId);
    if (grantId === undefined) return refused('invalid_token', 'grant was revoked');
    // Read after the lock was got, in a statement of its own: what was read with it may be older.
    const state = await findRefreshState(tx, parentId);
    if (!state) return refused('invalid_token', 'refresh token is gone');
    if (judgeRefresh(state) === 'reused') {
      await revokeGrantIn(tx, record, { grantId, reason: REUSED });
      return refused('invalid_token', REUSED);
    }
    await succeedRefreshToken(tx, parentId, child);
    return ok(undefined);
  });
}
