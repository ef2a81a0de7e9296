import { timingSafeEqual } from 'node:crypto';
import type { Database, Transaction } from '@clearinghouse/shared';
import type { Client } from './client.ts';

type ClientRow = Omit<Client, 'secrets'> & {
  secrets: { sha256: string; expiresAt: string | null }[] | null;
};

/** Reads a client with its live secrets and its app's status; nothing is cached. */
export async function findClient(db: Database, id: string): Promise<Client | undefined> {
  const [row] = await db<ClientRow[]>`
    select c.id, c.app_id as "appId", c.kind, c.name, c.scopes, c.metadata, c.status,
      a.status as "appStatus", coalesce(a.is_first_party, false) as "isFirstParty",
      (select json_agg(json_build_object(
          'sha256', encode(s.secret_sha256, 'hex'), 'expiresAt', s.expires_at) order by s.slot)
        from auth.client_secrets s
        where s.client_id = c.id and (s.expires_at is null or s.expires_at > now())) as secrets
    from auth.clients c left join auth.apps a on a.id = c.app_id
    where c.id = ${id}`;
  if (!row) return undefined;
  const secrets = (row.secrets ?? []).map((secret) => ({
    sha256: Buffer.from(secret.sha256, 'hex'),
    expiresAt: secret.expiresAt === null ? null : new Date(secret.expiresAt),
  }));
  return { ...row, secrets };
}

/** Is this the digest of a live secret of a client that may be used? Nothing else is read. */
export async function hasLiveSecret(db: Database, id: string, sha256: Buffer): Promise<boolean> {
  const rows = await db<{ sha256: Buffer }[]>`
    select s.secret_sha256 as sha256 from auth.client_secrets s
    join auth.clients c on c.id = s.client_id and c.status = 'active'
    left join auth.apps a on a.id = c.app_id
    where s.client_id = ${id} and (s.expires_at is null or s.expires_at > now())
      and a.status is distinct from 'suspended'`;
  return rows.filter((row) => timingSafeEqual(row.sha256, sha256)).length > 0;
}

/** A client as its app's people see it. */
export type ClientLine = Pick<Client, 'id' | 'kind' | 'name' | 'scopes' | 'metadata' | 'status'> & {
  readonly createdAt: Date;
  /** Its secret was shown to somebody who has left, and has not been replaced yet. */
  readonly rotationDue: { readonly since: string; readonly reason: string } | null;
};

/** The clients of an app, oldest first, those that come after one. */
export async function findClientsOfApp(
  db: Database,
  appId: string,
  limit: number,
  after: string | null = null,
): Promise<ClientLine[]> {
  return db<ClientLine[]>`
    select id, kind, name, scopes, metadata, status, created_at as "createdAt", (
      select json_build_object('since', to_char(s.rotation_due_at at time zone 'UTC',
          'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'reason', s.rotation_due_reason)
      from auth.client_secrets s
      where s.client_id = clients.id and s.rotation_due_at is not null and s.expires_at is null
      limit 1) as "rotationDue"
    from auth.clients
    where app_id = ${appId} and (${after}::text is null or (created_at, id) > (
      select c.created_at, c.id from auth.clients c where c.id = ${after} and c.app_id = ${appId}))
    order by created_at, id limit ${limit}`;
}

/** How many clients of an app are not revoked. */
export async function countClients(db: Database, appId: string): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from auth.clients
    where app_id = ${appId} and status <> 'revoked'`;
  return row?.count ?? 0;
}

/** Writes what a client says of itself. @returns whether the app has such a client. */
export async function updateClient(
  tx: Transaction,
  client: Pick<Client, 'id' | 'name' | 'scopes' | 'metadata'> & { readonly appId: string },
): Promise<boolean> {
  const rows = await tx`
    update auth.clients set name = ${client.name}, metadata = ${tx.json(client.metadata as never)},
      scopes = ${[...client.scopes]}, updated_at = now()
    where id = ${client.id} and app_id = ${client.appId} and status <> 'revoked' returning 1`;
  return rows.length > 0;
}

/** Ends a client for good. @returns whether it was live. */
export async function markClientRevoked(
  tx: Transaction,
  input: { appId: string; clientId: string },
): Promise<boolean> {
  const rows = await tx`
    update auth.clients set status = 'revoked', updated_at = now()
    where id = ${input.clientId} and app_id = ${input.appId} and status <> 'revoked' returning 1`;
  return rows.length > 0;
}

/** Writes a new client. */
export async function insertClient(
  tx: Transaction,
  client: Pick<Client, 'id' | 'appId' | 'kind' | 'name' | 'scopes'> &
    Partial<Pick<Client, 'metadata'>>,
): Promise<void> {
  const { id, appId, kind, name, scopes, metadata = {} } = client;
  await tx`
    insert into auth.clients (id, app_id, kind, name, scopes, metadata)
    values (${id}, ${appId}, ${kind}, ${name}, ${[...scopes]}, ${tx.json(metadata as never)})`;
}

/**
 * Puts a new secret into the slot that is free or ends first, and lets the other one end.
 *
 * @param overlapSec for how long the previous secret stays valid; 0 ends it now.
 */
export async function replaceSecret(
  tx: Transaction,
  input: {
    clientId: string;
    sha256: Buffer;
    overlapSec: number;
    /** Who is shown it. */
    createdBy: string;
  },
): Promise<void> {
  const { clientId, sha256, overlapSec, createdBy } = input;
  await tx`select 1 from auth.clients where id = ${clientId} for update`;
  const rows = await tx<{ slot: number }[]>`
    select slot from auth.client_secrets where client_id = ${clientId}
    order by coalesce(expires_at, 'infinity') desc, created_at desc`;
  const newest = rows[0]?.slot;
  const slot = newest === 1 ? 2 : 1;
  await tx`
    update auth.client_secrets
    set expires_at = least(coalesce(expires_at, 'infinity'), now() + make_interval(secs => ${overlapSec}))
    where client_id = ${clientId} and slot <> ${slot}`;
  await tx`
    insert into auth.client_secrets (client_id, slot, secret_sha256, created_by)
    values (${clientId}, ${slot}, ${sha256}, ${createdBy})
    on conflict (client_id, slot) do update set
      secret_sha256 = excluded.secret_sha256, created_at = now(), expires_at = null,
      created_by = excluded.created_by, rotation_due_at = null, rotation_due_reason = null`;
}
