import { hash } from 'node:crypto';
import type { Database, Sql, Transaction } from '@clearinghouse/shared';

/** A row of what oidc-provider keeps, without its id. */
export type ArtifactRow = {
  readonly payload: Record<string, unknown>;
  readonly sealed: Buffer | null;
  readonly consumedAtSec: number | null;
};

export type ArtifactInput = {
  readonly model: string;
  readonly id: string;
  readonly payload: Record<string, unknown>;
  readonly sealed: Buffer | null;
  readonly grantId: string | null;
  readonly uid: string | null;
  readonly userCodeHash: Buffer | null;
  readonly expiresInSec: number;
};

/** What an artifact is found by besides its id; a user code by its hash under any key that sealed it. */
export type ArtifactKey = { readonly uid: string } | { readonly userCodeHashes: readonly Buffer[] };

/** The key under which an id is kept: ids of codes and tokens are the secrets themselves. */
export function artifactKey(id: string): Buffer {
  return hash('sha256', id, 'buffer');
}

/**
 * Writes an artifact. With `underGrant` only while its grant exists: the grant's row is locked,
 * so that a revocation at the same time either sees the new row or prevents it.
 *
 * @returns false when the grant is gone.
 */
export async function upsertArtifact(
  db: Database,
  row: ArtifactInput,
  underGrant: boolean,
): Promise<boolean> {
  const grant = underGrant && row.grantId !== null ? artifactKey(row.grantId) : null;
  const written = await db`
    with granted as materialized (
      select 1 from auth.oidc_artifacts
      where model = 'Grant' and id_hash = ${grant} and expires_at > now() for share
    )
    insert into auth.oidc_artifacts
      (model, id_hash, payload, sealed, grant_id, uid, user_code_hash, expires_at)
    select ${row.model}, ${artifactKey(row.id)}, ${db.json(row.payload as never)}, ${row.sealed},
      ${row.grantId}, ${row.uid}, ${row.userCodeHash},
      now() + make_interval(secs => ${row.expiresInSec})
    where ${grant}::bytea is null or exists (select 1 from granted)
    on conflict (model, id_hash) do update set payload = excluded.payload,
      sealed = excluded.sealed, grant_id = excluded.grant_id, uid = excluded.uid,
      user_code_hash = excluded.user_code_hash, expires_at = excluded.expires_at
    returning 1`;
  return written.length > 0;
}

/** Writes an artifact over the row of an id, its own or the one from before, if that is still there. */
export async function replaceArtifact(
  db: Database,
  row: ArtifactInput,
  replacedId: string,
): Promise<void> {
  await db`
    update auth.oidc_artifacts set id_hash = ${artifactKey(row.id)},
      payload = ${db.json(row.payload as never)}, sealed = ${row.sealed},
      expires_at = now() + make_interval(secs => ${row.expiresInSec})
    where model = ${row.model} and id_hash = ${artifactKey(replacedId)}`;
}

/** Reads an artifact that has not expired, by another key than its id. */
export async function findArtifact(
  db: Database,
  model: string,
  by: ArtifactKey,
): Promise<ArtifactRow | undefined> {
  const condition = whereOf(db, by);
  const [row] = await db<ArtifactRow[]>`
    select payload, sealed,
      extract(epoch from coalesce(consumed_at, superseded_at))::int as "consumedAtSec"
    from auth.oidc_artifacts where model = ${model} and ${condition} and expires_at > now()`;
  return row;
}

function whereOf(db: Database, by: ArtifactKey) {
  if ('uid' in by) return db`uid = ${by.uid}`;
  return db`user_code_hash in ${db([...by.userCodeHashes])}`;
}

/** Uses an artifact up. Of any number of callers at once exactly one gets true. */
export async function consumeArtifact(db: Database, model: string, id: string): Promise<boolean> {
  const rows = await db`
    update auth.oidc_artifacts set consumed_at = now()
    where model = ${model} and id_hash = ${artifactKey(id)} and consumed_at is null
      and expires_at > now()
    returning 1`;
  return rows.length > 0;
}

/**
 * Writes an artifact unless one of its id is there already. Of any number of callers at once
 * exactly one gets true.
 */
export async function insertArtifactOnce(
  db: Database,
  model: string,
  id: string,
  expiresInSec: number,
): Promise<boolean> {
  const rows = await db`
    insert into auth.oidc_artifacts (model, id_hash, payload, expires_at)
    values (${model}, ${artifactKey(id)}, '{}', now() + make_interval(secs => ${expiresInSec}))
    on conflict (model, id_hash) do update set expires_at = excluded.expires_at
      where auth.oidc_artifacts.expires_at <= now()
    returning 1`;
  return rows.length > 0;
}

/** The grant of an artifact, consumed or not. */
export async function findGrantIdOf(
  db: Database,
  model: string,
  id: string,
): Promise<string | undefined> {
  const [row] = await db<{ grant_id: string | null }[]>`
    select grant_id from auth.oidc_artifacts
    where model = ${model} and id_hash = ${artifactKey(id)}`;
  return row?.grant_id ?? undefined;
}

/** Deletes one artifact. */
export async function deleteArtifact(db: Database, model: string, id: string): Promise<void> {
  await db`
    delete from auth.oidc_artifacts where model = ${model} and id_hash = ${artifactKey(id)}`;
}

/** Deletes one kind of what was issued under a grant. */
export async function deleteArtifactsOfGrant(
  db: Database,
  model: string,
  grantId: string,
): Promise<void> {
  await db`delete from auth.oidc_artifacts where model = ${model} and grant_id = ${grantId}`;
}

/**
 * Deletes a grant and everything issued under it, the grant first (its lock makes writers of
 * children wait).
 *
 * @returns the client that held the grant, when the grant was still there.
 */
export async function deleteGrant(tx: Transaction, grantId: string): Promise<string | undefined> {
  const [row] = await tx<{ client_id: string | null }[]>`
    delete from auth.oidc_artifacts where model = 'Grant' and id_hash = ${artifactKey(grantId)}
    returning payload->>'clientId' as client_id`;
  await tx`delete from auth.oidc_artifacts where grant_id = ${grantId}`;
  return row?.client_id ?? undefined;
}

/** Deletes up to `limit` artifacts that have expired. @returns how many. */
export async function purgeArtifacts(db: Sql, limit: number): Promise<number> {
  const rows = await db`
    delete from auth.oidc_artifacts where ctid in (
      select ctid from auth.oidc_artifacts where expires_at < now() limit ${limit}) returning 1`;
  return rows.length;
}
