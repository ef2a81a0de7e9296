import type { Database, Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { signingKeyPurpose } from './generate-signing-key.ts';
import {
  findSealedArtifacts,
  replaceSealed,
  type SealedArtifact,
} from './sealed-artifact-store.ts';
import { findSigningKeys, replaceSealedKey } from './signing-key-store.ts';

type ResealDeps = { readonly db: Sql; readonly sealer: Sealer };

/**
 * Seals everything again that an older key encryption key sealed. Afterwards, and once no process
 * runs that seals with the older key, that key can be dropped. Replicas and requests may go on
 * meanwhile: what changed under our hands is left as it is, since whoever wrote it sealed it anew.
 *
 * @returns how many rows were sealed again.
 * @throws Error when something cannot be opened by any key.
 */
export async function resealSecrets(deps: ResealDeps): Promise<number> {
  return (await resealKeys(deps)) + (await resealArtifacts(deps));
}

async function resealKeys({ db, sealer }: ResealDeps): Promise<number> {
  let resealed = 0;
  for (const { kid, privateSealed: from } of await findSigningKeys(db)) {
    const to = resealOne(sealer, from, signingKeyPurpose(kid));
    if (to && (await replaceSealedKey(db, kid, { from, to }))) resealed += 1;
  }
  return resealed;
}

async function resealArtifacts({ db, sealer }: ResealDeps): Promise<number> {
  let resealed = 0;
  let after: SealedArtifact | undefined;
  do {
    const page = await findSealedArtifacts(db, LIMITS.resealBatch, after);
    for (const row of page) {
      if (await resealArtifact(db, sealer, row)) resealed += 1;
    }
    after = page.length === LIMITS.resealBatch ? page.at(-1) : undefined;
  } while (after);
  return resealed;
}

async function resealArtifact(db: Database, sealer: Sealer, row: SealedArtifact) {
  const to = resealOne(sealer, row.sealed, row.model);
  return to !== undefined && replaceSealed(db, row, to);
}

/** The same under the first key; undefined when it is already. */
function resealOne(sealer: Sealer, sealed: Buffer, purpose: string): Buffer | undefined {
  if (sealer.isCurrent(sealed, purpose)) return undefined;
  return sealer.seal(sealer.open(sealed, purpose), purpose);
}
