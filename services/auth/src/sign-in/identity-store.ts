import { randomBytes } from 'node:crypto';
import type { Database, Transaction } from '@clearinghouse/shared';

/** A name by which others know a person: a wallet, or a subject at another issuer. */
export type Identity = {
  readonly id: string;
  readonly kind: 'wallet' | 'oidc';
  readonly provider: string;
  readonly label: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
};

export type IdentityKey = {
  readonly kind: Identity['kind'];
  readonly provider: string;
  readonly subject: string;
};

const ID_BYTES = 12;

/** Whose identity it is, with that account's status; it counts as used. */
export async function findAccountOfIdentity(
  db: Database,
  key: IdentityKey,
): Promise<{ accountId: string; status: string } | undefined> {
  const [row] = await db<{ accountId: string; status: string }[]>`
    update auth.account_identities i set last_used_at = now()
    from auth.accounts a
    where i.kind = ${key.kind} and i.provider = ${key.provider} and i.subject = ${key.subject}
      and a.id = i.account_id
    returning i.account_id as "accountId", a.status`;
  return row;
}

/** Adds an identity to an account; false when it is somebody's already. */
export async function insertIdentity(
  tx: Transaction,
  identity: IdentityKey & { accountId: string; label: string },
): Promise<boolean> {
  const { accountId, kind, provider, subject, label } = identity;
  const id = `idn_${randomBytes(ID_BYTES).toString('hex')}`;
  const rows = await tx`
    insert into auth.account_identities
      (id, account_id, kind, provider, subject, label, last_used_at)
    values (${id}, ${accountId}, ${kind}, ${provider}, ${subject}, ${label}, now())
    on conflict (kind, provider, subject) do nothing returning 1`;
  return rows.length > 0;
}

/** Reads the identities of an account, oldest first. */
export async function findIdentities(db: Database, accountId: string): Promise<Identity[]> {
  return db<Identity[]>`
    select id, kind, provider, label, created_at as "createdAt", last_used_at as "lastUsedAt"
    from auth.account_identities where account_id = ${accountId} order by created_at, id`;
}

/** Takes an identity from an account; false when it has none of that id. */
export async function deleteIdentity(
  tx: Transaction,
  input: { accountId: string; id: string },
): Promise<boolean> {
  const rows = await tx`
    delete from auth.account_identities
    where id = ${input.id} and account_id = ${input.accountId} returning 1`;
  return rows.length > 0;
}
