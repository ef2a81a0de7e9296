import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '@clearinghouse/shared';

/** What was asked of a browser: see `auth.sign_in_challenges`. */
export type ChallengeKind = 'wallet' | 'passkey' | 'passkey_new' | 'upstream' | 'link';

/** For how long an answer is waited for: as long as an interaction lasts. */
export const CHALLENGE_TTL_SEC = 600;
const ID_BYTES = 24;

/** An unguessable id. Letters and digits only: EIP-4361 allows nothing else in a nonce. */
export function newChallengeId(): string {
  return randomBytes(ID_BYTES).toString('hex');
}

/** Keeps what an answer is compared with. */
export async function insertChallenge(
  db: Database,
  challenge: { id: string; kind: ChallengeKind; holder: string; detail: object },
): Promise<void> {
  const { id, kind, holder, detail } = challenge;
  await db`
    insert into auth.sign_in_challenges (id_sha256, kind, holder, detail, expires_at)
    values (${sha256(id)}, ${kind}, ${holder}, ${db.json(detail as never)},
      now() + make_interval(secs => ${CHALLENGE_TTL_SEC}))`;
}

/**
 * Takes a challenge of this interaction or session, once.
 *
 * @returns what was kept with it; undefined when it is unknown, old, used or another's.
 */
export async function takeChallenge(
  db: Database,
  challenge: { id: string; kind: ChallengeKind; holder: string },
): Promise<Record<string, unknown> | undefined> {
  const { id, kind, holder } = challenge;
  const [row] = await db<{ detail: Record<string, unknown> }[]>`
    delete from auth.sign_in_challenges
    where id_sha256 = ${sha256(id)} and kind = ${kind} and holder = ${holder}
      and expires_at > now()
    returning detail`;
  return row?.detail;
}

/** Reads the newest challenge of a kind that an interaction holds, and leaves it. */
export async function findHeld(
  db: Database,
  held: { kind: ChallengeKind; holder: string },
): Promise<Record<string, unknown> | undefined> {
  const [row] = await db<{ detail: Record<string, unknown> }[]>`
    select detail from auth.sign_in_challenges
    where holder = ${held.holder} and kind = ${held.kind} and expires_at > now()
    order by created_at desc limit 1`;
  return row?.detail;
}

/** Puts one challenge in the place of all of its kind that an interaction holds. */
export async function replaceHeld(
  db: Database,
  held: { kind: ChallengeKind; holder: string; detail: object },
): Promise<void> {
  await deleteHeld(db, held);
  await insertChallenge(db, { id: newChallengeId(), ...held });
}

/** Forgets what an interaction holds of a kind. @returns whether there was something. */
export async function deleteHeld(
  db: Database,
  held: { kind: ChallengeKind; holder: string },
): Promise<boolean> {
  const rows = await db`
    delete from auth.sign_in_challenges
    where holder = ${held.holder} and kind = ${held.kind} returning 1`;
  return rows.length > 0;
}

/** Deletes up to `limit` challenges whose time is over. @returns how many. */
export async function purgeChallenges(db: Database, limit: number): Promise<number> {
  const rows = await db`
    delete from auth.sign_in_challenges where ctid in (
      select ctid from auth.sign_in_challenges where expires_at < now() limit ${limit})
    returning 1`;
  return rows.length;
}

function sha256(id: string): Buffer {
  return createHash('sha256').update(id, 'utf8').digest();
}
