import type { Database } from '@clearinghouse/shared';
import { artifactKey } from './artifact-store.ts';

/** The models that buy tokens once. */
export type CodeModel = 'AuthorizationCode' | 'DeviceCode';

/** How a code that was used before stands. */
export type UsedCode = {
  readonly grantId: string | null;
  /** Whoever used it has the tokens, or took longer for them than anybody takes. */
  readonly isSettled: boolean;
};

/** Reads a code that was used before. */
export async function findUsedCode(
  db: Database,
  model: string,
  id: string,
  settledAfterSec: number,
): Promise<UsedCode | undefined> {
  const [row] = await db<UsedCode[]>`
    select grant_id as "grantId", (answered_at is not null
      or consumed_at < now() - make_interval(secs => ${settledAfterSec})) as "isSettled"
    from auth.oidc_artifacts
    where model = ${model} and id_hash = ${artifactKey(id)} and consumed_at is not null`;
  return row;
}

/** Notes that the tokens of a code have been made: from now on, to see it again is a theft. */
export async function markCodeAnswered(db: Database, model: CodeModel, id: string): Promise<void> {
  await db`
    update auth.oidc_artifacts set answered_at = now()
    where model = ${model} and id_hash = ${artifactKey(id)}`;
}

/**
 * Counts a wrong try of an unused code and deletes the code with the last one.
 *
 * @returns whether the code is gone by this try.
 */
export async function countWrongTry(
  db: Database,
  model: CodeModel,
  id: string,
  triesMax: number,
): Promise<boolean> {
  const [row] = await db<{ replays: number }[]>`
    update auth.oidc_artifacts set replays = replays + 1
    where model = ${model} and id_hash = ${artifactKey(id)} and consumed_at is null
    returning replays`;
  if (!row || row.replays < triesMax) return false;
  await db`delete from auth.oidc_artifacts where model = ${model} and id_hash = ${artifactKey(id)}`;
  return true;
}

/**
 * Accepts a poll of a device code when the last accepted one is long enough ago. A poll that is
 * refused moves nothing, or a client that polls a little too fast would never get through
 * (RFC 8628, section 3.5). The first poll is always accepted.
 *
 * @returns `unknown` for a code that does not exist.
 */
export async function acceptPoll(
  db: Database,
  id: string,
  intervalMs: number,
): Promise<'accepted' | 'too fast' | 'unknown'> {
  const key = artifactKey(id);
  const accepted = await db`
    update auth.oidc_artifacts set polled_at = now()
    where model = 'DeviceCode' and id_hash = ${key}
      and (polled_at is null or polled_at <= now() - make_interval(secs => ${intervalMs / 1000}))
    returning 1`;
  if (accepted.length > 0) return 'accepted';
  const known = await db`
    select 1 from auth.oidc_artifacts where model = 'DeviceCode' and id_hash = ${key}`;
  return known.length > 0 ? 'too fast' : 'unknown';
}
