import { createBatcher, type Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { type ArtifactRow, artifactKey } from './artifact-store.ts';

/** An artifact and, where it was asked for and is there, the grant it was issued under. */
export type ReadRow = ArtifactRow & { readonly grantPayload?: Record<string, unknown> };

/**
 * Reads an artifact that has not expired by its id; `withGrant` the grant it was issued under too,
 * in the same moment.
 */
export type ReadArtifact = (
  model: string,
  id: string,
  withGrant?: boolean,
) => Promise<ReadRow | undefined>;

/** A key as hex: arrays of bytes are not something that the driver can send. */
type Asked = { readonly model: string; readonly key: string; readonly withGrant: boolean };

/**
 * Makes the reader of artifacts by id: those that are asked for while others are read go to the
 * database together. An introspection asks for one token as each kind that it may be, all at once.
 * Nothing is kept: a read begins after it was asked for.
 */
export function createArtifactReader(db: Sql): ReadArtifact {
  const batcher = createBatcher<Asked, ReadRow | undefined>({
    maxItems: LIMITS.artifactReadMax,
    maxWaitMs: 0,
    maxInFlight: LIMITS.artifactReadsMax,
    send: (items) => readTogether(db, items),
  });
  return (model, id, withGrant = false) =>
    batcher.add({ model, key: artifactKey(id).toString('hex'), withGrant });
}

type PlacedRow = ArtifactRow & {
  readonly place: number;
  readonly grantPayload: Record<string, unknown> | null;
};

async function readTogether(
  db: Sql,
  asked: readonly Asked[],
): Promise<readonly (ReadRow | undefined)[]> {
  const rows = await db<PlacedRow[]>`
    select place, payload, sealed, consumed_at_sec as "consumedAtSec",
      grant_payload as "grantPayload"
    from auth.read_artifacts(${asked.map(({ model }) => model)}::text[],
      ${asked.map(({ key }) => key)}::text[],
      ${asked.map(({ withGrant }) => String(withGrant))}::text[]::boolean[])`;
  const found = new Map(
    rows.map(({ place, grantPayload, ...row }) => [
      place,
      grantPayload === null ? row : { ...row, grantPayload },
    ]),
  );
  return asked.map((_, index) => found.get(index + 1));
}
