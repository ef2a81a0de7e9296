import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type Database, type Sql, withTransaction } from '@clearinghouse/shared';
import type { JWK } from 'jose';
import type { Sealer } from '../secrets/sealer.ts';
import type { KeyRing, SigningAlg, SigningKey } from '../tokens/key-ring.ts';
import { generateSigningKey, signingKeyPurpose } from './generate-signing-key.ts';
import {
  findSigningKeys,
  insertSigningKey,
  lockSigningKeys,
  notifySigningKeys,
  type SigningKeyRow,
} from './signing-key-store.ts';

const ALGS: readonly SigningAlg[] = ['ES256', 'RS256'];

type KeyRingDeps = { readonly db: Sql; readonly sealer: Sealer };

/**
 * Makes the issuer's keys if it has none: once for all replicas that start together. Each
 * algorithm gets an active key and a next one, so that a rotation needs no waiting.
 */
export async function ensureSigningKeys(deps: KeyRingDeps): Promise<void> {
  await withTransaction(deps.db, async (tx) => {
    await lockSigningKeys(tx);
    const known = await findSigningKeys(tx);
    let made = 0;
    for (const alg of ALGS) {
      for (const status of ['active', 'next'] as const) {
        if (known.some((key) => key.alg === alg && key.status === status)) continue;
        await insertSigningKey(tx, await generateSigningKey(deps.sealer, alg, status, known[0]));
        made += 1;
      }
    }
    if (made > 0) await notifySigningKeys(tx);
  });
}

/**
 * Reads and opens every published key.
 *
 * @throws Error when a key cannot be opened (KEY_ENCRYPTION_KEY is not the one that sealed it).
 */
export async function loadKeyRing(deps: {
  readonly db: Database;
  readonly sealer: Sealer;
}): Promise<KeyRing> {
  const all = (await findSigningKeys(deps.db)).map((row) => openKey(deps.sealer, row));
  const es256 = all.find((key) => key.alg === 'ES256' && key.status === 'active');
  const rs256 = all.find((key) => key.alg === 'RS256' && key.status === 'active');
  if (!es256 || !rs256) throw new Error('the issuer has no active signing key');
  return { es256, rs256, all };
}

function openKey(sealer: Sealer, row: SigningKeyRow): SigningKey {
  const { kid, alg, status, publicJwk } = row;
  const text = openSealed(sealer, row);
  const privateJwk = JSON.parse(text) as JWK;
  return {
    kid,
    alg,
    status,
    privateJwk,
    publicJwk,
    privateKey: createPrivateKey({ key: privateJwk, format: 'jwk' }),
    publicKey: createPublicKey({ key: publicJwk, format: 'jwk' }),
  };
}

function openSealed(sealer: Sealer, row: SigningKeyRow): string {
  try {
    return sealer.open(row.privateSealed, signingKeyPurpose(row.kid));
  } catch {
    throw new Error(
      `signing key ${row.kid} cannot be opened: is KEY_ENCRYPTION_KEY the right one?`,
    );
  }
}
