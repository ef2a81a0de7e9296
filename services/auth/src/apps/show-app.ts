import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import type { App } from './app.ts';
import { findApp } from './app-store.ts';

/** One app. `not_found`: there is none. */
export async function showApp(
  deps: { db: Sql },
  input: { appId: string },
): Promise<Outcome<App, 'not_found'>> {
  const app = await findApp(deps.db, input.appId);
  return app ? ok(app) : refused('not_found');
}
