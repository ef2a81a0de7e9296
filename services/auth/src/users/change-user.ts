import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { deleteAccessTokensOfUser } from '../grants/grant-store.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { UserInput } from './upsert-user.ts';
import { principalStatusOf, type User } from './user.ts';
import { updateUser } from './user-store.ts';

/** Changes an existing user; `not_found` when the app has none of that id. */
export async function changeUser(
  deps: ChangeIdentityDeps,
  input: UserInput,
): Promise<Outcome<User, 'not_found'>> {
  const { appId, actor, requestId } = input;
  const user = await changeIdentity(deps, async (tx, record) => {
    const changed = await updateUser(tx, input);
    if (!changed) return undefined;
    // Whoever asks what an opaque token is worth must not be told that it is good.
    if (changed.status !== 'active') await deleteAccessTokensOfUser(tx, input);
    record({ kind: 'user', id: changed.id, appId, status: principalStatusOf(changed.status) });
    await recordAudit(tx, { action: 'user.updated', actor, appId, target: changed.id, requestId });
    return changed;
  });
  return user ? ok(user) : refused('not_found');
}
