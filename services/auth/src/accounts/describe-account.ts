import type { Sql } from '@clearinghouse/shared';
import { findIdentities, type Identity } from '../sign-in/identity-store.ts';
import { findPasskeys, type Passkey } from '../sign-in/passkeys/passkey-store.ts';
import { type AccountSession, findGrants, findSessions } from './account-session-store.ts';

/** How somebody may sign in to an account. */
export type SignInMethods = {
  readonly passkeys: readonly Passkey[];
  readonly identities: readonly Identity[];
};

/** An app that may act for a person, or at least know them. */
export type AllowedApp = {
  readonly grantId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly since: Date;
};

/** Reads the ways to sign in to an account, besides its password. */
export async function listSignInMethods(
  deps: { db: Sql },
  input: { accountId: string },
): Promise<SignInMethods> {
  const { accountId } = input;
  return {
    passkeys: await findPasskeys(deps.db, accountId),
    identities: await findIdentities(deps.db, accountId),
  };
}

/** Reads where a person is signed in, the latest first. */
export async function listSessions(
  deps: { db: Sql },
  input: { accountId: string },
): Promise<AccountSession[]> {
  return findSessions(deps.db, input.accountId);
}

/** Reads what apps a person has let in; one that is gone is named by its id. */
export async function listAllowedApps(
  deps: {
    db: Sql;
    findClient: (id: string) => Promise<{ name: string } | undefined>;
  },
  input: { accountId: string },
): Promise<AllowedApp[]> {
  const grants = await findGrants(deps.db, input.accountId);
  return Promise.all(
    grants.map(async ({ grantId, clientId, scopes, grantedAtSec }) => {
      const client = await deps.findClient(clientId);
      const since = new Date(grantedAtSec * 1000);
      return { grantId, name: client?.name ?? clientId, scopes, since };
    }),
  );
}
