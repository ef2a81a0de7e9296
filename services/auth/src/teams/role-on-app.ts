import type { Sql } from '@clearinghouse/shared';
import type { Role } from './role.ts';
import { findRoleOnApp } from './team-store.ts';

/** The role of a person on the team that an app belongs to, as it is now; undefined for strangers. */
export async function roleOnApp(
  deps: { readonly db: Sql },
  input: { readonly appId: string; readonly accountId: string },
): Promise<Role | undefined> {
  return findRoleOnApp(deps.db, input.appId, input.accountId);
}
