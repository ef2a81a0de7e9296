import type { Sql, Transaction } from '@clearinghouse/shared';
import type { RefreshState } from '../tokens/refresh-verdict.ts';
import { type ArtifactInput, artifactKey } from './artifact-store.ts';

/** A refresh token to use up, and what takes its place. */
export type Rotation = {
  readonly parentId: string;
  readonly child: ArtifactInput;
  /** The access token that goes out beside the child, unless it is one that is not kept. */
  readonly access?: ArtifactInput | undefined;
};

/**
 * Rotates those that were never used, all in one statement. Whether any other may be is not
 * decided here: it is left as it is, and so is one whose grant somebody holds just now.
 *
 * @returns for each whether it was rotated.
 */
export async function rotateUnused(db: Sql, rotations: readonly Rotation[]): Promise<boolean[]> {
  const asked = rotations.map(({ parentId, child, access }, place) => ({
    place,
    parent: hexKey(parentId),
    child: hexKey(child.id),
    payload: child.payload,
    grant_id: child.grantId,
    uid: child.uid,
    expires_in_sec: child.expiresInSec,
    access: access === undefined ? null : hexKey(access.id),
    access_payload: access?.payload ?? null,
    access_expires_in_sec: access?.expiresInSec ?? null,
  }));
  const [row] = await db<{ places: number[] }[]>`
    select auth.rotate_refresh_tokens(${db.json(asked as never)}) as places`;
  const rotated = new Set(row?.places);
  return rotations.map((_, place) => rotated.has(place));
}

function hexKey(id: string): string {
  return artifactKey(id).toString('hex');
}

/**
 * Waits until this transaction alone changes the family of a refresh token, which is its grant.
 *
 * @returns the grant; undefined when it or the token is gone.
 */
export async function lockFamilyOf(tx: Transaction, id: string): Promise<string | undefined> {
  const [row] = await tx<{ grantId: string }[]>`
    select t.grant_id as "grantId" from auth.oidc_artifacts t
    join auth.oidc_artifacts g on g.model = 'Grant'
      and g.id_hash = sha256(convert_to(t.grant_id, 'UTF8')) and g.expires_at > now()
    where t.model = 'RefreshToken' and t.id_hash = ${artifactKey(id)}
    for update of g`;
  return row?.grantId;
}

/** Reads how a token stands; undefined when it is gone or expired. */
export async function findRefreshState(
  tx: Transaction,
  id: string,
): Promise<RefreshState | undefined> {
  const key = artifactKey(id);
  const [row] = await tx<RefreshState[]>`
    select t.consumed_at is not null as "isConsumed", t.superseded_at is not null as "isSuperseded",
      coalesce(extract(epoch from now() - t.consumed_at), 0)::float8 as "consumedForSec",
      t.replays, exists (
        select 1 from auth.oidc_artifacts c
        where c.parent_hash = ${key} and c.first_used_at is not null) as "hasUsedChild"
    from auth.oidc_artifacts t
    where t.model = 'RefreshToken' and t.id_hash = ${key} and t.expires_at > now()`;
  return row;
}

/**
 * Uses a token up, or counts that it was presented again, and writes its child. The other children
 * of its parent lose their place: of those that parallel refreshes got, one goes on.
 */
export async function succeedRefreshToken(
  tx: Transaction,
  parentId: string,
  child: ArtifactInput,
): Promise<void> {
  const parent = artifactKey(parentId);
  await tx`
    with used as (
      update auth.oidc_artifacts set
        replays = replays + case when consumed_at is null then 0 else 1 end,
        consumed_at = coalesce(consumed_at, now()), first_used_at = coalesce(first_used_at, now())
      where model = 'RefreshToken' and id_hash = ${parent}
      returning parent_hash
    ), displaced as (
      update auth.oidc_artifacts set superseded_at = now()
      where parent_hash = (select parent_hash from used) and id_hash <> ${parent}
        and consumed_at is null and superseded_at is null
    )
    insert into auth.oidc_artifacts
      (model, id_hash, payload, grant_id, uid, parent_hash, expires_at)
    values ('RefreshToken', ${artifactKey(child.id)}, ${tx.json(child.payload as never)},
      ${child.grantId}, ${child.uid}, ${parent},
      now() + make_interval(secs => ${child.expiresInSec}))`;
}
