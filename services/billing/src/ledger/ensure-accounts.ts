import type { Database } from '@clearinghouse/shared';
import type { AccountName } from './account.ts';

/** Ids of accounts by name, kept by a process: an account is never renamed or removed. */
export type AccountIds = Map<string, bigint>;

/**
 * The ids of accounts, made where they are missing. Called at most once in a transaction: what it
 * finds was committed and is remembered, what it makes is not remembered, since the transaction
 * may still be rolled back.
 */
export async function ensureAccounts(
  db: Database,
  ids: AccountIds,
  accounts: readonly AccountName[],
): Promise<ReadonlyMap<string, bigint>> {
  const wanted = new Map(accounts.map((account) => [account.name, account]));
  const found = new Map<string, bigint>();
  for (const name of wanted.keys()) {
    const id = ids.get(name);
    if (id !== undefined) found.set(name, id);
  }
  if (found.size === wanted.size) return found;
  const missing = () => [...wanted.keys()].filter((name) => !found.has(name));
  for (const row of await readIds(db, missing())) {
    found.set(row.name, row.id);
    ids.set(row.name, row.id);
  }
  const unknown = missing().flatMap((name) => wanted.get(name) ?? []);
  if (unknown.length === 0) return found;
  for (const row of await insertAccounts(db, unknown)) found.set(row.name, row.id);
  // Another process made it in between: its row is visible to the next statement.
  for (const row of await readIds(db, missing())) found.set(row.name, row.id);
  return found;
}

/** The id of one account of a map that must have it. */
export function accountIdOf(ids: ReadonlyMap<string, bigint>, account: AccountName): bigint {
  const id = ids.get(account.name);
  if (id === undefined) throw new Error(`account ${account.name} is missing`);
  return id;
}

type IdRow = { id: bigint; name: string };

async function readIds(db: Database, names: readonly string[]): Promise<IdRow[]> {
  if (names.length === 0) return [];
  return await db<IdRow[]>`
    select id, name from billing.accounts where name = any(${names}::text[])`;
}

async function insertAccounts(db: Database, accounts: readonly AccountName[]): Promise<IdRow[]> {
  const rows = accounts.map(({ name, kind, appId }) => ({ name, kind, app_id: appId ?? null }));
  return await db<IdRow[]>`
    with made as (
      insert into billing.accounts (name, kind, app_id)
      select name, kind, app_id from json_to_recordset(${JSON.stringify(rows)}::text::json)
        as r(name text, kind text, app_id text)
      order by name on conflict (name) do nothing returning id, name, kind
    ), stored as (
      insert into billing.balances (account_id, currency, credit_limit)
      select id, 'USD', case kind when 'uncollected' then 1e30 else 0 end from made
      where kind in ('prepaid', 'uncollected')
    )
    select id, name from made`;
}
