import type { FindAccount, KoaContextWithOIDC } from 'oidc-provider';
import { isUserId, type UserOfApp } from '../users/user.ts';
import { ownMetadata } from './client-metadata.ts';
import type { UsersOfRequest } from './users-of-request.ts';

/** A person of this installation, as far as the issuer needs to know. */
export type AccountView = {
  readonly id: string;
  readonly status: string;
  readonly email: string | null;
  readonly emailVerifiedAt: Date | null;
  readonly displayName: string | null;
};

export type FindAccountDeps = {
  readonly findAccountById: (id: string) => Promise<AccountView | undefined>;
  readonly users: UsersOfRequest;
};

type Claims = Record<string, unknown> & { sub: string };

/**
 * Finds who a session or token is for: a person, or a user that an app's backend vouched for at
 * its own device. A suspended person, an inactive user and a suspended app are nobody, which ends
 * refresh tokens too.
 */
export function createFindAccount(deps: FindAccountDeps): FindAccount {
  return async (ctx, id) => {
    const found = isUserId(id)
      ? claimsOfUser(await deps.users.byId(ctx, id))
      : await claimsOfPerson(deps, ctx, id);
    if (!found) return undefined;
    // `sub` here names the session's account; oidc-provider puts the subject in its place.
    return { accountId: id, claims: async () => ({ ...found, sub: id }) };
  };
}

function claimsOfUser(user: UserOfApp | undefined): Claims | undefined {
  if (user?.status !== 'active' || !user.isAppActive) return undefined;
  const email = user.email === null ? {} : { email: user.email, email_verified: false };
  return { sub: user.id, preferred_username: user.externalUserId, ...email };
}

/**
 * The claims of a person. `preferred_username` is never the address: who asks for the profile has
 * not asked for that.
 */
async function claimsOfPerson(
  deps: FindAccountDeps,
  ctx: KoaContextWithOIDC,
  id: string,
): Promise<Claims | undefined> {
  const appId = ownMetadata(ctx.oidc?.client).ch_app_id;
  const [account, user] = await Promise.all([
    deps.findAccountById(id),
    appId ? deps.users.ofAccount(ctx, { accountId: id, appId }) : undefined,
  ]);
  if (account?.status !== 'active') return undefined;
  if (user && user.status !== 'active') return undefined;
  const { email, emailVerifiedAt, displayName } = account;
  return {
    sub: id,
    ...(email === null ? {} : { email, email_verified: emailVerifiedAt !== null }),
    ...(displayName === null ? {} : { name: displayName, preferred_username: displayName }),
  };
}
