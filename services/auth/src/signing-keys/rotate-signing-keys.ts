import {
  type Outcome,
  ok,
  refused,
  type Sql,
  type Transaction,
  withTransaction,
} from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { LIMITS } from '../limits.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { SigningAlg } from '../tokens/key-ring.ts';
import { generateSigningKey } from './generate-signing-key.ts';
import { loadKeyRing } from './load-key-ring.ts';
import {
  dropRetiredKeys,
  findKeyAges,
  findSigningKeys,
  insertSigningKey,
  lockSigningKeys,
  notifySigningKeys,
  promoteNextKey,
} from './signing-key-store.ts';

export type RotateKeysDeps = { readonly db: Sql; readonly sealer: Sealer };

export type RotateKeysInput = {
  readonly alg: SigningAlg;
  readonly actor: string;
  /**
   * The active key is in other hands: the next one signs at once, and the active one is forgotten
   * with every token that it signed. Verifiers that have not read the next one yet fail for as
   * long as they keep a key set.
   */
  readonly isCompromised?: boolean;
};

/**
 * Rotates the key of one algorithm: next becomes active, active becomes retired, a new next is
 * published, keys retired for long enough are forgotten. Replicas follow by notice, no restart.
 *
 * @returns `conflict` when the next key was published too short a time ago for every cache to know it.
 * @throws Error, with nothing written, when KEY_ENCRYPTION_KEY is not the replicas'.
 */
export async function rotateSigningKeys(
  deps: RotateKeysDeps,
  input: RotateKeysInput,
): Promise<Outcome<undefined, 'conflict'>> {
  return withTransaction(deps.db, async (tx) => {
    await lockSigningKeys(tx);
    const { nextForSec } = await findKeyAges(tx, input.alg);
    if (nextForSec === undefined) throw new Error(`no next key for ${input.alg}`);
    const waitSec = Math.ceil(LIMITS.nextKeyPublishedSec - nextForSec);
    if (waitSec > 0 && input.isCompromised !== true) {
      const why = `the next ${input.alg} key is too new: every cache knows it in ${waitSec} s`;
      return refused('conflict', why);
    }
    await rotate(tx, deps.sealer, input);
    return ok(undefined);
  });
}

/**
 * Rotates every key that has signed for long enough, if its successor has been published for long
 * enough. Replicas may ask at the same time: one of them does it.
 *
 * @returns the algorithms whose key was rotated.
 */
export async function rotateDueKeys(
  deps: RotateKeysDeps,
  input: { maxAgeSec: number },
): Promise<SigningAlg[]> {
  const rotated: SigningAlg[] = [];
  for (const alg of ['ES256', 'RS256'] as const) {
    const isDone = await withTransaction(deps.db, async (tx) => {
      await lockSigningKeys(tx);
      const { nextForSec = 0, activeForSec = 0 } = await findKeyAges(tx, alg);
      if (activeForSec < input.maxAgeSec || nextForSec < LIMITS.nextKeyPublishedSec) return false;
      await rotate(tx, deps.sealer, { alg, actor: 'schedule' });
      return true;
    });
    if (isDone) rotated.push(alg);
  }
  return rotated;
}

/** Forgets the keys that were retired long ago, whether or not anything is rotated. */
export async function dropOldKeys(deps: { db: Sql }): Promise<number> {
  return withTransaction(deps.db, async (tx) => {
    await lockSigningKeys(tx);
    const dropped = await dropRetiredKeys(tx, LIMITS.retiredKeySec);
    if (dropped > 0) await notifySigningKeys(tx);
    return dropped;
  });
}

async function rotate(tx: Transaction, sealer: Sealer, input: RotateKeysInput): Promise<void> {
  const { alg, actor, isCompromised = false } = input;
  // Whoever cannot open the keys that are there would seal a new one that no replica can open.
  await loadKeyRing({ db: tx, sealer });
  const [beside] = await findSigningKeys(tx);
  await promoteNextKey(tx, alg, isCompromised ? 'gone' : 'retired');
  await insertSigningKey(tx, await generateSigningKey(sealer, alg, 'next', beside));
  const dropped = await dropRetiredKeys(tx, LIMITS.retiredKeySec);
  const detail = { alg, dropped, isCompromised };
  await recordAudit(tx, { action: 'signing_key.rotated', actor, detail });
  await notifySigningKeys(tx);
}
