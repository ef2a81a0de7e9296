import { errors, type KoaContextWithOIDC, type Client as ProviderClient } from 'oidc-provider';
import { isUserId, type User } from '../users/user.ts';
import { ownMetadata } from './client-metadata.ts';
import type { UsersOfRequest } from './users-of-request.ts';

export type SubjectDeps = {
  readonly users: UsersOfRequest;
  /** The user that an app knows a person as; made at the first time. */
  readonly userOfAccount: (input: { accountId: string; appId: string }) => Promise<User>;
};

export type SubjectOf = (
  ctx: KoaContextWithOIDC,
  accountId: string,
  client: ProviderClient,
) => Promise<User>;

/**
 * Makes the function that says which user of a client's app a session's account is. Its id is the
 * subject in everything the app gets (pairwise, OpenID Connect Core 8.1) and what billing counts
 * usage for. Asked several times in a request, it is looked up once.
 */
export function createSubjectOf(deps: SubjectDeps): SubjectOf {
  const asked = new WeakMap<object, Map<string, Promise<User>>>();
  return (ctx, accountId, client) => {
    const appId = ownMetadata(client).ch_app_id ?? '';
    const known = (ctx && asked.get(ctx)) ?? new Map<string, Promise<User>>();
    if (ctx) asked.set(ctx, known);
    const name = `${appId} ${accountId}`;
    const user = known.get(name) ?? findSubject(deps, ctx, { accountId, appId });
    known.set(name, user);
    return user;
  };
}

async function findSubject(
  deps: SubjectDeps,
  ctx: KoaContextWithOIDC,
  who: { accountId: string; appId: string },
): Promise<User> {
  const { accountId, appId } = who;
  if (!isUserId(accountId)) {
    return (await deps.users.ofAccount(ctx, who)) ?? deps.userOfAccount(who);
  }
  const user = await deps.users.byId(ctx, accountId);
  if (!user || user.appId !== appId) throw new errors.InvalidGrant('user of another app');
  return user;
}
