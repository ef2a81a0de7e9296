import type { Database } from '@clearinghouse/shared';

/** A row of what oidc-provider keeps that holds something sealed. */
export type SealedArtifact = {
  readonly model: string;
  readonly idHash: Buffer;
  readonly sealed: Buffer;
};

/** Reads sealed rows that have not expired, in the order of their keys, after one of them. */
export async function findSealedArtifacts(
  db: Database,
  limit: number,
  after: SealedArtifact | undefined,
): Promise<SealedArtifact[]> {
  const { model = '', idHash = Buffer.alloc(0) } = after ?? {};
  return db<SealedArtifact[]>`
    select model, id_hash as "idHash", sealed from auth.oidc_artifacts
    where sealed is not null and expires_at > now() and (model, id_hash) > (${model}, ${idHash})
    order by model, id_hash limit ${limit}`;
}

/** Puts another sealing of the same text in the place of one; false when it changed. */
export async function replaceSealed(
  db: Database,
  row: SealedArtifact,
  to: Buffer,
): Promise<boolean> {
  const rows = await db`
    update auth.oidc_artifacts set sealed = ${to}
    where model = ${row.model} and id_hash = ${row.idHash} and sealed = ${row.sealed} returning 1`;
  return rows.length > 0;
}
