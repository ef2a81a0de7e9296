import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import type { User } from './user.ts';
import { findUserByExternalId } from './user-store.ts';

/** A user by the app's own id. `not_found`: the app has none. */
export async function showUser(
  deps: { db: Sql },
  input: { appId: string; externalUserId: string },
): Promise<Outcome<User, 'not_found'>> {
  const user = await findUserByExternalId(deps.db, input.appId, input.externalUserId);
  return user ? ok(user) : refused('not_found');
}
