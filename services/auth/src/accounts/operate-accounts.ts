import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { findTeamsOfAccount, type Team } from '../teams/team-store.ts';
import type { Account } from './account.ts';
import { findSessions } from './account-session-store.ts';
import { findAccountByEmail, findAccountById, findAccounts } from './account-store.ts';
import { listSignInMethods } from './describe-account.ts';

/** A person as the operator sees one: how they sign in, never with what. */
export type AccountView = Account & {
  readonly passkeyCount: number;
  readonly identities: readonly { readonly kind: string; readonly label: string }[];
  readonly sessionCount: number;
  readonly teams: readonly Team[];
};

/** A page of people, oldest first; the one with an address, when it is given. */
export async function listAccounts(
  deps: { readonly db: Sql },
  page: { limit: number; after?: string | undefined; email?: string | undefined },
): Promise<Account[]> {
  const { limit, after, email } = page;
  if (email === undefined) return findAccounts(deps.db, { limit, afterId: after });
  const found = await findAccountByEmail(deps.db, email);
  return found ? [found] : [];
}

/** One person; `not_found` for nobody and for a deleted account. */
export async function showAccount(
  deps: { readonly db: Sql },
  { accountId }: { accountId: string },
): Promise<Outcome<AccountView, 'not_found'>> {
  const account = await findAccountById(deps.db, accountId);
  if (!account || account.status === 'deleted') return refused('not_found');
  const [methods, sessions, teams] = await Promise.all([
    listSignInMethods(deps, { accountId }),
    findSessions(deps.db, accountId),
    findTeamsOfAccount(deps.db, accountId, { limit: LIMITS.teamsPageMax }),
  ]);
  return ok({
    ...account,
    passkeyCount: methods.passkeys.length,
    identities: methods.identities.map(({ kind, label }) => ({ kind, label })),
    sessionCount: sessions.length,
    teams,
  });
}
