import type { Sql } from '@clearinghouse/shared';
import { findSigningKeys, type SigningKeyRow } from './signing-key-store.ts';

/** The keys that are published, without their private halves. */
export async function listSigningKeys(deps: {
  readonly db: Sql;
}): Promise<Pick<SigningKeyRow, 'kid' | 'alg' | 'status'>[]> {
  const keys = await findSigningKeys(deps.db);
  return keys.map(({ kid, alg, status }) => ({ kid, alg, status }));
}
