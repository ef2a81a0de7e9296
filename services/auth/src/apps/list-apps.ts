import type { Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import type { App } from './app.ts';
import { findApps } from './app-store.ts';

/** Every app, oldest first, up to a bound. */
export async function listApps(deps: { db: Sql }): Promise<App[]> {
  return findApps(deps.db, LIMITS.appsPageMax);
}
