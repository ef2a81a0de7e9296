import type { Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import type { User } from './user.ts';
import { findUsers } from './user-store.ts';

/** An app's users, oldest first, up to a bound. */
export async function listUsers(deps: { db: Sql }, input: { appId: string }): Promise<User[]> {
  return findUsers(deps.db, input.appId, LIMITS.usersPageMax);
}
