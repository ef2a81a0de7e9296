import type { User, UserOfApp } from '../users/user.ts';

type Who = { readonly accountId: string; readonly appId: string };

export type FindUsers = {
  readonly findUserOfApp: (id: string) => Promise<UserOfApp | undefined>;
  /** The user that an app knows a person as, if it does already. */
  readonly findUserOfAccount: (who: Who) => Promise<User | undefined>;
};

/** Reads the users that a request is about, each of them once. */
export type UsersOfRequest = {
  readonly byId: (ctx: object | undefined, id: string) => Promise<UserOfApp | undefined>;
  readonly ofAccount: (ctx: object | undefined, who: Who) => Promise<User | undefined>;
};

/**
 * Makes the reader. oidc-provider asks who a token is for at several steps of a request, and must
 * get one answer: what was read is kept as long as the request, and no longer.
 */
export function createUsersOfRequest(deps: FindUsers): UsersOfRequest {
  const byId = createMemory<UserOfApp | undefined>();
  const ofAccount = createMemory<User | undefined>();
  return {
    byId: (ctx, id) => byId(ctx, id, () => deps.findUserOfApp(id)),
    ofAccount: (ctx, who) =>
      ofAccount(ctx, `${who.appId} ${who.accountId}`, () => deps.findUserOfAccount(who)),
  };
}

function createMemory<T>() {
  const known = new WeakMap<object, Map<string, Promise<T>>>();
  return (ctx: object | undefined, name: string, read: () => Promise<T>): Promise<T> => {
    if (!ctx) return read();
    const ofRequest = known.get(ctx) ?? new Map<string, Promise<T>>();
    known.set(ctx, ofRequest);
    const value = ofRequest.get(name) ?? read();
    ofRequest.set(name, value);
    return value;
  };
}
