import type { Database, Transaction } from '@clearinghouse/shared';
import { type GrantPayload, scopesOfGrant } from '../grants/grant.ts';
import { deleteSessionsAndNote } from '../logout/logout-notice-store.ts';

/** Where a person is signed in. */
export type AccountSession = {
  readonly uid: string;
  readonly methods: readonly string[];
  readonly userAgent: string;
  readonly ip: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
};

/** Which sessions of an account: all, all but one, or one. */
export type SessionChoice =
  | { readonly all: true }
  | { readonly exceptUid: string }
  | { readonly uid: string };

/** What an app was allowed. */
export type AccountGrant = {
  readonly grantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly grantedAtSec: number;
};

/** Keeps where somebody signed in; a session that signs in again is seen anew. */
export async function upsertAccountSession(
  db: Database,
  session: {
    uid: string;
    accountId: string;
    methods: readonly string[];
    userAgent: string;
    ip: string;
    ttlSec: number;
  },
): Promise<void> {
  const { uid, accountId, methods, userAgent, ip, ttlSec } = session;
  await db`
    insert into auth.account_sessions
      (session_uid, account_id, methods, user_agent, ip, ends_at)
    values (${uid}, ${accountId}, ${[...methods]}, ${userAgent}, ${ip},
      now() + make_interval(secs => ${ttlSec}))
    on conflict (session_uid) do update set account_id = excluded.account_id,
      methods = excluded.methods, user_agent = excluded.user_agent, ip = excluded.ip,
      last_seen_at = now(), ends_at = excluded.ends_at`;
}

/** Reads the sessions of an account that have not ended, the latest first. */
export async function findSessions(db: Database, accountId: string): Promise<AccountSession[]> {
  return db<AccountSession[]>`
    select a.uid, coalesce(s.methods, '{}') as methods, coalesce(s.user_agent, '') as "userAgent",
      coalesce(s.ip, '') as ip,
      coalesce(s.created_at, to_timestamp((a.payload ->> 'iat')::bigint)) as "createdAt",
      coalesce(s.last_seen_at, to_timestamp((a.payload ->> 'iat')::bigint)) as "lastSeenAt"
    from auth.oidc_artifacts a
    left join auth.account_sessions s on s.session_uid = a.uid and s.account_id = ${accountId}
    where a.model = 'Session' and a.payload ? 'accountId'
      and a.payload ->> 'accountId' = ${accountId} and a.expires_at > now() and a.uid is not null
    order by "lastSeenAt" desc`;
}

/** Ends sessions; their apps are told of it. @returns how many. */
export async function deleteSessions(
  db: Database,
  accountId: string,
  choice: SessionChoice,
): Promise<number> {
  const which = 'all' in choice ? {} : choice;
  const uids = await deleteSessionsAndNote(db, { accountId, ...which });
  await db`delete from auth.account_sessions where session_uid = any(${uids})`;
  return uids.length;
}

/**
 * Ends sign-ins under way: somebody has shown who they are, and has not taken the session yet. Such
 * a one would otherwise be good for minutes after a password was changed because of it.
 */
export async function deleteSignInsUnderWay(tx: Transaction, accountId: string): Promise<void> {
  await tx`
    delete from auth.oidc_artifacts
    where model = 'Interaction' and payload -> 'result' -> 'login' ->> 'accountId' = ${accountId}`;
  await tx`
    delete from auth.sign_in_challenges where kind = 'link' and detail ->> 'accountId' = ${accountId}`;
}

/** Reads what apps were allowed by a person, the latest first. */
export async function findGrants(db: Database, accountId: string): Promise<AccountGrant[]> {
  const rows = await db<{ grantId: string; payload: GrantPayload }[]>`
    select grant_id as "grantId", payload from auth.oidc_artifacts
    where model = 'Grant' and payload ? 'accountId' and payload ->> 'accountId' = ${accountId}
      and grant_id is not null and expires_at > now()
    order by expires_at desc`;
  return rows.map(({ grantId, payload }) => ({
    grantId,
    clientId: payload.clientId ?? '',
    scopes: scopesOfGrant(payload),
    grantedAtSec: payload.iat ?? 0,
  }));
}

/** The ids of a person's grants, expired or not. */
export async function findGrantIdsOf(tx: Transaction, accountId: string): Promise<string[]> {
  const rows = await tx<{ grantId: string }[]>`
    select grant_id as "grantId" from auth.oidc_artifacts
    where model = 'Grant' and payload ? 'accountId' and payload ->> 'accountId' = ${accountId}
      and grant_id is not null`;
  return rows.map((row) => row.grantId);
}

/** Deletes up to `limit` rows of sessions whose time is over. @returns how many. */
export async function purgeAccountSessions(db: Database, limit: number): Promise<number> {
  const rows = await db`
    delete from auth.account_sessions where ctid in (
      select ctid from auth.account_sessions where ends_at < now() limit ${limit}) returning 1`;
  return rows.length;
}
