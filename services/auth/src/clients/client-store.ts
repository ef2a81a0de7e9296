import type { Database, Transaction } from '@clearinghouse/shared';
import type { Client } from './client.ts';

type ClientRow = Omit<Client, 'secrets'> & {
  secrets: { sha256: string; expiresAt: string | null }[] | null;
};

/** Reads a client with its live secrets and its app's status; nothing is cached. */
export async function findClient(db: Database, id: string): Promise<Client | undefined> {
  const [row] = await db<ClientRow[]>`
    select c.id, c.app_id as "appId", c.kind, c.name, c.scopes, c.metadata, c.status,
      a.status as "appStatus",
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

/** Writes a new client. */
export async function insertClient(
  tx: Transaction,
  client: Pick<Client, 'id' | 'appId' | 'kind' | 'name' | 'scopes'>,
): Promise<void> {
  const { id, appId, kind, name, scopes } = client;
  await tx`
    insert into auth.clients (id, app_id, kind, name, scopes)
    values (${id}, ${appId}, ${kind}, ${name}, ${[...scopes]})`;
}

/**
 * Puts a new secret into the slot that is free or ends first, and lets the other one end.
 *
 * @param overlapSec for how long the previous secret stays valid; 0 ends it now.
 */
export async function replaceSecret(
  tx: Transaction,
  input: { clientId: string; sha256: Buffer; overlapSec: number },
): Promise<void> {
  const { clientId, sha256, overlapSec } = input;
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
    insert into auth.client_secrets (client_id, slot, secret_sha256)
    values (${clientId}, ${slot}, ${sha256})
    on conflict (client_id, slot) do update set
      secret_sha256 = excluded.secret_sha256, created_at = now(), expires_at = null`;
}
