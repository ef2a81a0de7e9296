import type { Sql } from '@clearinghouse/shared';
import type { FindAccount } from 'oidc-provider';
import { findApp } from '../apps/app-store.ts';
import { findUserById } from '../users/user-store.ts';

/**
 * Finds the account of a subject: a user of an app. An inactive user or a suspended app is no
 * account, which ends refresh tokens too.
 */
export function createFindAccount(deps: { db: Sql }): FindAccount {
  return async (_ctx, id) => {
    const user = await findUserById(deps.db, id);
    if (user?.status !== 'active') return undefined;
    const app = await findApp(deps.db, user.appId);
    if (app?.status !== 'active') return undefined;
    return {
      accountId: user.id,
      claims: async () => ({
        sub: user.id,
        preferred_username: user.externalUserId,
        ...(user.email === null ? {} : { email: user.email, email_verified: false }),
      }),
    };
  };
}
