import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import type { ApiKey } from './api-key.ts';
import { findApiKey, findApiKeys } from './api-key-store.ts';

/** An app's keys, newest first, revoked and expired ones too; never the keys themselves. */
export async function listApiKeys(
  deps: { db: Sql },
  input: { appId: string; limit: number; after?: string | undefined },
): Promise<ApiKey[]> {
  return findApiKeys(deps.db, input.appId, input.limit, input.after);
}

/** One key of an app. `not_found`: it has none. */
export async function showApiKey(
  deps: { db: Sql },
  input: { appId: string; keyId: string },
): Promise<Outcome<ApiKey, 'not_found'>> {
  const key = await findApiKey(deps.db, input);
  return key ? ok(key) : refused('not_found');
}
