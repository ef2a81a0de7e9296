import type { Sql } from '@clearinghouse/shared';
import type { App } from './app.ts';
import { findApps } from './app-store.ts';

/** A page of apps, oldest first. */
export async function listApps(
  deps: { db: Sql },
  page: { limit: number; after?: string | undefined },
): Promise<App[]> {
  return findApps(deps.db, page.limit, page.after);
}
