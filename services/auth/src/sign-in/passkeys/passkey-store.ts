import { randomBytes } from 'node:crypto';
import type { Database, Transaction } from '@clearinghouse/shared';

/** A WebAuthn credential of an account, without its key. */
export type Passkey = {
  readonly id: string;
  readonly label: string;
  readonly isBackedUp: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
};

/** What a signature is compared with. */
export type PasskeyRow = {
  readonly id: string;
  readonly accountId: string;
  readonly status: string;
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: bigint;
  readonly transports: string[];
};

const ID_BYTES = 12;

/** Adds a credential; false when it is somebody's already. */
export async function insertPasskey(
  tx: Transaction,
  passkey: {
    accountId: string;
    credentialId: Uint8Array;
    publicKey: Uint8Array;
    counter: number;
    transports: readonly string[];
    isBackedUp: boolean;
    label: string;
  },
): Promise<boolean> {
  const { accountId, counter, transports, isBackedUp, label } = passkey;
  const id = `psk_${randomBytes(ID_BYTES).toString('hex')}`;
  const rows = await tx`
    insert into auth.passkeys
      (id, account_id, credential_id, public_key, counter, transports, backed_up, label)
    values (${id}, ${accountId}, ${Buffer.from(passkey.credentialId)},
      ${Buffer.from(passkey.publicKey)}, ${counter}, ${[...transports]}, ${isBackedUp}, ${label})
    on conflict (credential_id) do nothing returning 1`;
  return rows.length > 0;
}

/** Reads a credential with its owner's status. */
export async function findPasskey(
  db: Database,
  credentialId: Uint8Array,
): Promise<PasskeyRow | undefined> {
  const [row] = await db<PasskeyRow[]>`
    select p.id, p.account_id as "accountId", a.status, p.credential_id as "credentialId",
      p.public_key as "publicKey", p.counter, p.transports
    from auth.passkeys p join auth.accounts a on a.id = p.account_id
    where p.credential_id = ${Buffer.from(credentialId)}`;
  return row;
}

/** Reads the credentials of an account, oldest first. */
export async function findPasskeys(db: Database, accountId: string): Promise<Passkey[]> {
  return db<Passkey[]>`
    select id, label, backed_up as "isBackedUp", created_at as "createdAt",
      last_used_at as "lastUsedAt"
    from auth.passkeys where account_id = ${accountId} order by created_at, id`;
}

/** Reads what a browser is told not to register again. */
export async function findCredentialIds(
  db: Database,
  accountId: string,
): Promise<{ credentialId: Buffer; transports: string[] }[]> {
  return db<{ credentialId: Buffer; transports: string[] }[]>`
    select credential_id as "credentialId", transports
    from auth.passkeys where account_id = ${accountId}`;
}

/**
 * Notes a use. A counter must grow, unless the credential never counts (both zero); of two uses
 * with the same count one is of a copy.
 *
 * @returns false when the counter went back or stood still.
 */
export async function advanceCounter(
  db: Database,
  use: { id: string; counter: number; isBackedUp: boolean },
): Promise<boolean> {
  const rows = await db`
    update auth.passkeys
    set counter = ${use.counter}, backed_up = ${use.isBackedUp}, last_used_at = now()
    where id = ${use.id} and (counter < ${use.counter} or (counter = 0 and ${use.counter} = 0))
    returning 1`;
  return rows.length > 0;
}

/** Takes a credential from an account; false when it has none of that id. */
export async function deletePasskey(
  tx: Transaction,
  input: { accountId: string; id: string },
): Promise<boolean> {
  const rows = await tx`
    delete from auth.passkeys where id = ${input.id} and account_id = ${input.accountId}
    returning 1`;
  return rows.length > 0;
}
