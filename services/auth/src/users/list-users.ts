import type { Sql } from '@clearinghouse/shared';
import type { User } from './user.ts';
import { findUsers } from './user-store.ts';

/** A page of an app's users, oldest first. */
export async function listUsers(
  deps: { db: Sql },
  input: { appId: string; limit: number; after?: string | undefined },
): Promise<User[]> {
  return findUsers(deps.db, input.appId, input.limit, input.after);
}
