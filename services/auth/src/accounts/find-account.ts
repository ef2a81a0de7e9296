import type { Sql } from '@clearinghouse/shared';
import type { Account } from './account.ts';
import { findAccountById } from './account-store.ts';

/** Finds a person who may sign in; nobody for a suspended or deleted account. */
export async function findAccount(
  deps: { db: Sql },
  input: { accountId: string },
): Promise<Account | undefined> {
  const account = await findAccountById(deps.db, input.accountId);
  return account?.status === 'active' ? account : undefined;
}
