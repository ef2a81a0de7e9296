import type { Transaction } from '@clearinghouse/shared';
import type { RefreshState } from '../tokens/refresh-verdict.ts';
import { type ArtifactInput, artifactKey } from './artifact-store.ts';

/** The grant of a refresh token, which is its family; undefined when the token is unknown. */
export async function findFamilyOf(tx: Transaction, id: string): Promise<string | undefined> {
  const [row] = await tx<{ grantId: string | null }[]>`
    select grant_id as "grantId" from auth.oidc_artifacts
    where model = 'RefreshToken' and id_hash = ${artifactKey(id)}`;
  return row?.grantId ?? undefined;
}

/** Waits until this transaction alone changes the family. @returns false when the grant is gone. */
export async function lockFamily(tx: Transaction, grantId: string): Promise<boolean> {
  const rows = await tx`
    select 1 from auth.oidc_artifacts
    where model = 'Grant' and id_hash = ${artifactKey(grantId)} and expires_at > now() for update`;
  return rows.length > 0;
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

/** Uses a token up, or counts that it was presented again; unused children lose their place. */
export async function useRefreshToken(tx: Transaction, id: string): Promise<void> {
  const key = artifactKey(id);
  await tx`
    update auth.oidc_artifacts set
      replays = replays + case when consumed_at is null then 0 else 1 end,
      consumed_at = coalesce(consumed_at, now()), first_used_at = coalesce(first_used_at, now())
    where model = 'RefreshToken' and id_hash = ${key}`;
  await tx`
    update auth.oidc_artifacts set superseded_at = now()
    where parent_hash = ${key} and consumed_at is null and superseded_at is null`;
}

/** Writes the child of a token. */
export async function insertRefreshChild(
  tx: Transaction,
  parentId: string,
  child: ArtifactInput,
): Promise<void> {
  await tx`
    insert into auth.oidc_artifacts
      (model, id_hash, payload, grant_id, uid, parent_hash, expires_at)
    values ('RefreshToken', ${artifactKey(child.id)}, ${tx.json(child.payload as never)},
      ${child.grantId}, ${child.uid}, ${artifactKey(parentId)},
      now() + make_interval(secs => ${child.expiresInSec}))`;
}
