import { createBatcher, type Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { type ArtifactRow, artifactKey } from './artifact-store.ts';

/** Reads an artifact that has not expired by its id. */
export type ReadArtifact = (model: string, id: string) => Promise<ArtifactRow | undefined>;

/** A key as hex: arrays of bytes are not something that the driver can send. */
type Asked = { readonly model: string; readonly key: string };

/**
 * Makes the reader of artifacts by id: those that are asked for while others are read go to the
 * database together. An introspection asks for one token as each kind that it may be, all at once.
 * Nothing is kept: a read begins after it was asked for.
 */
export function createArtifactReader(db: Sql): ReadArtifact {
  const batcher = createBatcher<Asked, ArtifactRow | undefined>({
    maxItems: LIMITS.artifactReadMax,
    maxWaitMs: 0,
    maxInFlight: LIMITS.artifactReadsMax,
    send: (items) => readTogether(db, items),
  });
  return (model, id) => batcher.add({ model, key: artifactKey(id).toString('hex') });
}

async function readTogether(
  db: Sql,
  asked: readonly Asked[],
): Promise<readonly (ArtifactRow | undefined)[]> {
  const rows = await db<(ArtifactRow & { readonly position: number })[]>`
    select k.position::int, a.payload, a.sealed,
      extract(epoch from coalesce(a.consumed_at, a.superseded_at))::int as "consumedAtSec"
    from unnest(${asked.map(({ model }) => model)}::text[], ${asked.map(({ key }) => key)}::text[])
      with ordinality k (model, key, position)
    join auth.oidc_artifacts a on a.model = k.model and a.id_hash = decode(k.key, 'hex')
    where a.expires_at > now()`;
  const found = new Map(rows.map(({ position, ...row }) => [position, row]));
  return asked.map((_, index) => found.get(index + 1));
}
