import { type Sql, withTransaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { SigningAlg } from '../tokens/key-ring.ts';
import { generateSigningKey } from './generate-signing-key.ts';
import {
  dropRetiredKeys,
  insertSigningKey,
  lockSigningKeys,
  notifySigningKeys,
  promoteNextKey,
} from './signing-key-store.ts';

/** A retired key stays published until every token it signed and every cached JWKS is gone. */
const RETIRED_FOR_SEC = 3_600;

/**
 * Rotates the key of one algorithm: next becomes active, active becomes retired, a new next is
 * published, keys retired for an hour are forgotten. Replicas follow by notice, no restart.
 */
export async function rotateSigningKeys(
  deps: { db: Sql; sealer: Sealer },
  input: { alg: SigningAlg; actor: string },
): Promise<void> {
  await withTransaction(deps.db, async (tx) => {
    await lockSigningKeys(tx);
    if (!(await promoteNextKey(tx, input.alg))) throw new Error(`no next key for ${input.alg}`);
    await insertSigningKey(tx, await generateSigningKey(deps.sealer, input.alg, 'next'));
    const dropped = await dropRetiredKeys(tx, RETIRED_FOR_SEC);
    const { actor, alg } = input;
    await recordAudit(tx, { action: 'signing_key.rotated', actor, detail: { alg, dropped } });
    await notifySigningKeys(tx);
  });
}
