import type { Database, Transaction } from '@clearinghouse/shared';
import type { ApiKey, KeySettings, KeyWithOwner } from './api-key.ts';

/** What is written of a key after its creation. */
type WrittenLater =
  | 'createdAt'
  | 'revokedAt'
  | 'lastUsedAt'
  | 'graceExpiresAt'
  | 'rotationDueAt'
  | 'rotationDueReason';

/** Writes a new key. */
export async function insertApiKey(
  tx: Transaction,
  key: Omit<ApiKey, WrittenLater> & {
    keyHmac: Buffer;
    pepperVersion: number;
    createdBy: string;
  },
): Promise<ApiKey> {
  const [row] = await tx<ApiKey[]>`
    insert into auth.api_keys as k (id, app_id, user_id, kind, mode, name, key_hmac, pepper_version,
      purpose, display_prefix, last4, scopes, created_by, expires_at, resources, allowed_origins,
      ip_allowlist, rate_limit, rate_window_sec, rotated_from)
    values (${key.id}, ${key.appId}, ${key.userId}, ${key.kind}, ${key.mode}, ${key.name},
      ${key.keyHmac}, ${key.pepperVersion}, ${key.purpose}, ${key.displayPrefix}, ${key.last4},
      ${[...key.scopes]}, ${key.createdBy}, ${key.expiresAt}, ${[...key.resources]},
      ${[...key.allowedOrigins]}, ${[...key.ipAllowlist]}, ${key.rateLimit}, ${key.rateWindowSec},
      ${key.rotatedFrom})
    returning ${columns(tx)}`;
  if (!row) throw new Error('insert returned nothing');
  return row;
}

/** How many keys of an app can still be used. */
export async function countLiveKeys(tx: Transaction, appId: string): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from auth.api_keys k
    where app_id = ${appId} and purpose = 'key' and revoked_at is null
      and least(expires_at, coalesce(grace_expires_at, 'infinity')) > now()`;
  return row?.count ?? 0;
}

/** An app's keys, newest first, those that come after one. */
export async function findApiKeys(
  db: Database,
  appId: string,
  limit: number,
  after: string | null = null,
): Promise<ApiKey[]> {
  return db<ApiKey[]>`
    select ${columns(db)} from auth.api_keys k where app_id = ${appId} and purpose = 'key'
      and (${after}::text is null or exists (select from auth.api_keys a
        where a.id = ${after} and a.app_id = ${appId}
          and (k.created_at < a.created_at or (k.created_at = a.created_at and k.id > a.id))))
    order by created_at desc, id limit ${limit}`;
}

/** Reads one key of an app. */
export async function findApiKey(
  db: Database,
  input: { appId: string; keyId: string },
): Promise<ApiKey | undefined> {
  const [row] = await db<ApiKey[]>`
    select ${columns(db)} from auth.api_keys k
    where k.id = ${input.keyId} and k.app_id = ${input.appId} and k.purpose = 'key'`;
  return row;
}

/** Reads keys by their hashes, each with its app and user; the hash tells which is which. */
export async function findKeysByHmac(
  db: Database,
  hmacs: readonly Buffer[],
): Promise<(KeyWithOwner & { keyHmac: Buffer; pepperVersion: number })[]> {
  const hexes = hmacs.map((hmac) => hmac.toString('hex'));
  return db<(KeyWithOwner & { keyHmac: Buffer; pepperVersion: number })[]>`
    select ${columns(db)}, k.key_hmac as "keyHmac", k.pepper_version as "pepperVersion",
      a.status as "appStatus", u.status as "userStatus",
      u.deleted_at is not null as "userDeleted", u.external_user_id as "externalUserId"
    from auth.api_keys k
    join auth.apps a on a.id = k.app_id
    left join auth.app_users u on u.id = k.user_id
    where k.key_hmac in (select decode(h, 'hex') from unnest(${hexes}::text[]) as h)`;
}

/** Puts a key's hash under the newest pepper. */
export async function updateKeyHmac(
  db: Database,
  input: { id: string; keyHmac: Buffer; pepperVersion: number },
): Promise<void> {
  await db`
    update auth.api_keys set key_hmac = ${input.keyHmac}, pepper_version = ${input.pepperVersion}
    where id = ${input.id} and pepper_version <> ${input.pepperVersion}`;
}

/** Revokes a key of an app; undefined when the app has no such key, false when it was revoked. */
export async function markKeyRevoked(
  tx: Transaction,
  input: { appId: string; keyId: string; reason: string },
): Promise<boolean | undefined> {
  const [row] = await tx<{ revoked: boolean }[]>`
    select revoked_at is not null as revoked from auth.api_keys
    where id = ${input.keyId} and app_id = ${input.appId} for update`;
  if (!row) return undefined;
  if (row.revoked) return false;
  await tx`
    update auth.api_keys set revoked_at = now(), revoked_reason = ${input.reason}
    where id = ${input.keyId}`;
  return true;
}

/** Reads a key of an app and locks it; undefined when the app has no such key. */
export async function lockKey(
  tx: Transaction,
  input: { appId: string; keyId: string },
): Promise<ApiKey | undefined> {
  const [row] = await tx<ApiKey[]>`
    select ${columns(tx)} from auth.api_keys k
    where k.id = ${input.keyId} and k.app_id = ${input.appId} and k.purpose = 'key' for update`;
  return row;
}

/**
 * Has a key a successor? Asked under its lock, in a statement of its own: one that waited for the
 * lock has looked at other rows before.
 */
export async function hasSuccessor(tx: Transaction, keyId: string): Promise<boolean> {
  const rows = await tx`select 1 from auth.api_keys where rotated_from = ${keyId}`;
  return rows.length > 0;
}

/** Ends a key that has a successor: in a while, and never later than it would have ended. */
export async function endAfterOverlap(
  tx: Transaction,
  input: { keyId: string; overlapSec: number },
): Promise<Date> {
  const [row] = await tx<{ endsAt: Date }[]>`
    update auth.api_keys set rotation_due_at = null, rotation_due_reason = null,
      grace_expires_at = least(expires_at, now() + make_interval(secs => ${input.overlapSec}))
    where id = ${input.keyId} returning grace_expires_at as "endsAt"`;
  if (!row) throw new Error('a locked key is gone');
  return row.endsAt;
}

/** Writes the settings of a key. */
export async function updateKeySettings(
  tx: Transaction,
  keyId: string,
  settings: KeySettings,
): Promise<ApiKey> {
  const [row] = await tx<ApiKey[]>`
    update auth.api_keys as k set name = ${settings.name}, scopes = ${[...settings.scopes]},
      resources = ${[...settings.resources]}, allowed_origins = ${[...settings.allowedOrigins]},
      ip_allowlist = ${[...settings.ipAllowlist]}, rate_limit = ${settings.rateLimit},
      rate_window_sec = ${settings.rateWindowSec}
    where k.id = ${keyId} returning ${columns(tx)}`;
  if (!row) throw new Error('a locked key is gone');
  return row;
}

/** Revokes every key of an app, or those that one of its people made. @returns their ids. */
export async function revokeKeysOfApp(
  tx: Transaction,
  input: { appId: string; createdBy?: string | undefined; reason: string },
): Promise<string[]> {
  const by = input.createdBy ?? null;
  // A key that is being made, or rotated, is either here already or made after this.
  await lockKeysOfApp(tx, input.appId);
  const rows = await tx<{ id: string }[]>`
    update auth.api_keys set revoked_at = now(), revoked_reason = ${input.reason}
    where app_id = ${input.appId} and revoked_at is null
      and (${by}::text is null or created_by = ${by})
    returning id`;
  return rows.map((row) => row.id);
}

/** Revokes every key of a user, or its sessions alone. @returns their ids. */
export async function revokeKeysOfUser(
  tx: Transaction,
  userId: string,
  what: { readonly reason: string; readonly sessionsOnly?: boolean },
): Promise<string[]> {
  const { reason, sessionsOnly = false } = what;
  const rows = await tx<{ id: string }[]>`
    update auth.api_keys set revoked_at = now(), revoked_reason = ${reason}
    where user_id = ${userId} and revoked_at is null
      and (not ${sessionsOnly}::boolean or purpose = 'session')
    returning id`;
  return rows.map((row) => row.id);
}

/** Revokes a user's sessions beyond the newest few. @returns their ids. */
export async function revokeOldSessions(
  tx: Transaction,
  userId: string,
  keep: number,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update auth.api_keys set revoked_at = now(), revoked_reason = 'newer sessions'
    where id in (
      select id from auth.api_keys
      where user_id = ${userId} and purpose = 'session' and revoked_at is null
      order by created_at desc, id offset ${keep})
    returning id`;
  return rows.map((row) => row.id);
}

/** Writes when keys were last used, all in one statement; never moves a time back. */
export async function updateLastUsed(
  db: Database,
  used: readonly { id: string; at: Date; ipPrefix: string | null }[],
): Promise<void> {
  await db`
    update auth.api_keys k set last_used_at = greatest(k.last_used_at, used.at::timestamptz),
      last_used_ip_prefix = coalesce(used.ip, k.last_used_ip_prefix)
    from unnest(${used.map((entry) => entry.id)}::text[],
      ${used.map((entry) => entry.at.toISOString())}::text[],
      ${used.map((entry) => entry.ipPrefix)}::text[]) as used (id, at, ip)
    where k.id = used.id`;
}

function columns(db: Database) {
  return db`k.id, k.app_id as "appId", k.user_id as "userId", k.kind, k.mode, k.purpose, k.name,
    k.display_prefix as "displayPrefix", k.last4, k.scopes, k.resources,
    k.allowed_origins as "allowedOrigins", k.ip_allowlist as "ipAllowlist",
    k.rate_limit as "rateLimit", k.rate_window_sec as "rateWindowSec",
    k.rotated_from as "rotatedFrom", k.grace_expires_at as "graceExpiresAt",
    k.rotation_due_at as "rotationDueAt", k.rotation_due_reason as "rotationDueReason",
    k.created_at as "createdAt",
    k.expires_at as "expiresAt", k.revoked_at as "revokedAt", k.last_used_at as "lastUsedAt"`;
}

/** Makes whoever else makes, rotates or revokes all keys of an app wait for this transaction. */
export async function lockKeysOfApp(tx: Transaction, appId: string): Promise<void> {
  await tx`select 1 from auth.apps where id = ${appId} for no key update`;
}
