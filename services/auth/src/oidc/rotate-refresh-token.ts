import { createBatcher, type Outcome, ok, refused } from '@clearinghouse/shared';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { judgeRefresh } from '../tokens/refresh-verdict.ts';
import { upsertArtifact } from './artifact-store.ts';
import {
  findRefreshState,
  lockFamilyOf,
  type Rotation,
  rotateUnused,
  succeedRefreshToken,
} from './refresh-family-store.ts';
import { revokeGrantIn } from './revoke-grant.ts';

/** Why the audit log says that a family ended. */
const REUSED = 'refresh token used twice';

/**
 * Uses a refresh token up and writes its successors, all or nothing and only while the grant
 * exists: whoever revokes the grant at the same time comes before or after, never between.
 *
 * @returns `invalid_token` when the family is gone, or ended by this very use.
 */
export type RotateRefreshToken = (
  rotation: Rotation,
) => Promise<Outcome<undefined, 'invalid_token'>>;

/**
 * Makes the rotation. Tokens that were never used are rotated together with those of other
 * requests; each of the others is judged in a transaction of its own.
 */
export function createRotation(deps: ChangeIdentityDeps): RotateRefreshToken {
  const unused = createBatcher<Rotation, boolean>({
    maxItems: LIMITS.refreshBatchMax,
    maxWaitMs: 0,
    maxInFlight: LIMITS.refreshBatchesInFlight,
    send: (rotations) => rotateUnused(deps.db, rotations),
  });
  return async (rotation) =>
    (await unused.add(rotation)) ? ok(undefined) : judgeAndRotate(deps, rotation);
}

async function judgeAndRotate(
  deps: ChangeIdentityDeps,
  { parentId, child, access }: Rotation,
): Promise<Outcome<undefined, 'invalid_token'>> {
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
    if (access) await upsertArtifact(tx, access, true);
    return ok(undefined);
  });
}
