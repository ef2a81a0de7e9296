import type { Database, Transaction } from '@clearinghouse/shared';

/** An app that is to be told of the end of a session, by the name it knows the person under. */
export type LogoutNotice = {
  readonly id: bigint;
  readonly clientId: string;
  readonly subject: string;
  readonly sid: string;
  /** This one counts. */
  readonly tries: number;
};

/** Ends sessions and writes down which of their apps are to be told. @returns their uids. */
export async function deleteSessionsAndNote(
  db: Database,
  which: { accountId: string; uid?: string | undefined; exceptUid?: string | undefined },
): Promise<string[]> {
  const { accountId, uid = null, exceptUid = null } = which;
  const rows = await db<{ uid: string }[]>`
    with gone as (
      delete from auth.oidc_artifacts
      where model = 'Session' and payload ? 'accountId' and payload ->> 'accountId' = ${accountId}
        and (${uid}::text is null or uid = ${uid})
        and (${exceptUid}::text is null or uid <> ${exceptUid})
      returning uid, payload),
    noted as (${insertNotices(db, db`gone`)})
    select uid from gone`;
  return rows.map((row) => row.uid);
}

/** Writes down that an app is to be told that a person signed it out; their sessions go on. */
export async function noteSignedOut(
  tx: Transaction,
  input: { accountId: string; grantId: string },
): Promise<void> {
  const { accountId, grantId } = input;
  const sessions = tx`(
    select payload from auth.oidc_artifacts
    where model = 'Session' and payload ? 'accountId' and payload ->> 'accountId' = ${accountId})`;
  await insertNotices(tx, sessions, tx`and entry ->> 'grantId' = ${grantId}`);
}

/** Only clients that can be told, by the subject that their ID tokens have. */
function insertNotices(db: Database, sessions: Fragment, only: Fragment = nothing(db)) {
  return db`
    insert into auth.logout_notices (client_id, subject, sid)
    select c.id, case when c.metadata ->> 'subject_type' = 'public'
        then s.payload ->> 'accountId' else u.id end, entry ->> 'sid'
    from ${sessions} s
    cross join jsonb_each(coalesce(s.payload -> 'authorizations', '{}')) a (client_id, entry)
    join auth.clients c on c.id = a.client_id and c.metadata ? 'backchannel_logout_uri'
    left join auth.app_users u on u.app_id = c.app_id and u.deleted_at is null
      and u.account_id = s.payload ->> 'accountId'
    where entry ? 'sid' and (u.id is not null or c.metadata ->> 'subject_type' = 'public') ${only}
    returning 1`;
}

const nothing = (db: Database) => db``;
type Fragment = ReturnType<typeof nothing>;

/**
 * Takes notices whose time has come; another replica gets others. One that is not deleted comes
 * again, each time later.
 */
export async function takeNotices(
  db: Database,
  { limit, firstPauseSec }: { limit: number; firstPauseSec: number },
): Promise<LogoutNotice[]> {
  return db<LogoutNotice[]>`
    update auth.logout_notices set tries = tries + 1,
      next_try_at = now() + make_interval(secs => ${firstPauseSec} * power(2, tries))
    where id in (
      select id from auth.logout_notices where next_try_at <= now()
      order by next_try_at limit ${limit} for update skip locked)
    returning id, client_id as "clientId", subject, sid, tries`;
}

/** Forgets a notice: it was taken, or is given up. */
export async function deleteNotice(db: Database, id: bigint): Promise<void> {
  await db`delete from auth.logout_notices where id = ${id.toString()}`;
}
