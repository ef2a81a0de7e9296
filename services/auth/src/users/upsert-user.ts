import { newId } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { deleteAccessTokensOfUser } from '../grants/grant-store.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { principalStatusOf, type User } from './user.ts';
import { insertUser, updateUser } from './user-store.ts';

/** What an upsert may set; what is left out stays as it is. */
export type UserInput = {
  readonly appId: string;
  readonly externalUserId: string;
  readonly email?: string | null | undefined;
  readonly status?: User['status'] | undefined;
  readonly actor: string;
  readonly requestId?: string | undefined;
};

/** Creates a user, or changes what is given of the existing one. */
export async function upsertUser(
  deps: ChangeIdentityDeps,
  input: UserInput,
): Promise<{ user: User; created: boolean }> {
  const { appId, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const inserted = await insertUser(tx, {
      id: newId('usr'),
      appId,
      externalUserId: input.externalUserId,
      email: input.email ?? null,
      status: input.status ?? 'active',
    });
    const user = inserted ?? (await updateUser(tx, input));
    if (!user) throw new Error('a user vanished between insert and update');
    if (user.status !== 'active') await deleteAccessTokensOfUser(tx, input);
    record({ kind: 'user', id: user.id, appId, status: principalStatusOf(user.status) });
    const action = inserted ? 'user.created' : 'user.updated';
    await recordAudit(tx, { action, actor, appId, target: user.id, requestId });
    return { user, created: inserted !== undefined };
  });
}
