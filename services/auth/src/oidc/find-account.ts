import type { Sql } from '@clearinghouse/shared';
import type { FindAccount } from 'oidc-provider';
import type { User } from '../users/user.ts';
import { findActiveUser } from '../users/user-store.ts';
import { ownMetadata } from './client-metadata.ts';

/** A person of this installation, as far as the issuer needs to know. */
export type AccountView = {
  readonly id: string;
  readonly status: string;
  readonly email: string | null;
  readonly emailVerifiedAt: Date | null;
  readonly displayName: string | null;
};

export type FindAccountDeps = {
  readonly db: Sql;
  readonly findAccountById: (id: string) => Promise<AccountView | undefined>;
  /** The user that an app knows a person as, if it does already. */
  readonly findUserOfAccount: (input: {
    accountId: string;
    appId: string;
  }) => Promise<User | undefined>;
};

type Claims = Record<string, unknown> & { sub: string };

/**
 * Finds who a session or token is for: a person, or a user that an app's backend vouched for at
 * its own device. A suspended person, an inactive user and a suspended app are nobody, which ends
 * refresh tokens too.
 */
export function createFindAccount(deps: FindAccountDeps): FindAccount {
  return async (ctx, id) => {
    const found = id.startsWith('usr_')
      ? await claimsOfUser(deps, id)
      : await claimsOfPerson(deps, id, ownMetadata(ctx.oidc?.client).ch_app_id);
    if (!found) return undefined;
    // `sub` here names the session's account; oidc-provider puts the subject in its place.
    return { accountId: id, claims: async () => ({ ...found, sub: id }) };
  };
}

async function claimsOfUser(deps: FindAccountDeps, id: string): Promise<Claims | undefined> {
  const user = await findActiveUser(deps.db, id);
  if (!user) return undefined;
  const email = user.email === null ? {} : { email: user.email, email_verified: false };
  return { sub: user.id, preferred_username: user.externalUserId, ...email };
}

/**
 * The claims of a person. `preferred_username` is never the address: who asks for the profile has
 * not asked for that.
 */
async function claimsOfPerson(
  deps: FindAccountDeps,
  id: string,
  appId: string | undefined,
): Promise<Claims | undefined> {
  const account = await deps.findAccountById(id);
  if (account?.status !== 'active') return undefined;
  const user = appId ? await deps.findUserOfAccount({ accountId: id, appId }) : undefined;
  if (user && user.status !== 'active') return undefined;
  const { email, emailVerifiedAt, displayName } = account;
  return {
    sub: id,
    ...(email === null ? {} : { email, email_verified: emailVerifiedAt !== null }),
    ...(displayName === null ? {} : { name: displayName, preferred_username: displayName }),
  };
}
