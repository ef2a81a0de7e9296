import type { Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import type { ApiKey } from './api-key.ts';
import { findApiKeys } from './api-key-store.ts';

/** An app's keys, newest first, revoked and expired ones too; never the keys themselves. */
export async function listApiKeys(deps: { db: Sql }, input: { appId: string }): Promise<ApiKey[]> {
  return findApiKeys(deps.db, input.appId, LIMITS.apiKeysPerAppMax);
}
