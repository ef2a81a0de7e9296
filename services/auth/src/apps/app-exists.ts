import type { Sql } from '@clearinghouse/shared';
import { findApp } from './app-store.ts';

/** Is there an app with this id, suspended or not? */
export async function appExists(deps: { db: Sql }, appId: string): Promise<boolean> {
  return (await findApp(deps.db, appId)) !== undefined;
}
