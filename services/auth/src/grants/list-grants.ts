import type { Sql } from '@clearinghouse/shared';
import type { AppGrant, GrantFilter } from './grant.ts';
import { findGrantsOfApp } from './grant-store.ts';

/** A page of what people have allowed an app's clients, in the order of the ids. */
export async function listGrants(
  deps: { readonly db: Sql },
  input: GrantFilter & { readonly limit: number; readonly after?: string | undefined },
): Promise<AppGrant[]> {
  return findGrantsOfApp(deps.db, input);
}
