import { ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import type { Account } from '../accounts/account.ts';
import { findAccount } from '../accounts/find-account.ts';
import { LIMITS } from '../limits.ts';
import { redirect } from './finish-sign-in.ts';
import type { PeopleDeps } from './people-deps.ts';

/** A person at their own account. */
export type AtAccount = {
  readonly account: Account;
  readonly sessionUid: string;
  /** Whose challenges and form tokens these are. */
  readonly holder: string;
  readonly csrf: string;
  /** Whether they signed in a moment ago: needed to change how one signs in. */
  readonly isFresh: boolean;
};

export type AccountHandler = (ctx: Context, at: AtAccount) => Promise<void>;

/** The pages of an account, by the name in their path. */
export const SECTIONS = ['profile', 'security', 'sessions', 'apps', 'teams'] as const;
export type Section = (typeof SECTIONS)[number];

/** The path of a page. */
export function sectionPath(section: Section): string {
  return section === 'profile' ? '/account' : `/account/${section}`;
}

/** Finds who is signed in by the issuer's session; whoever is not signs in first. */
export function withAccount(
  deps: PeopleDeps,
  section: Section,
  handler: AccountHandler,
): Middleware {
  return async (ctx) => {
    const context = ctx as Context;
    const at = await findAtAccount(deps, context);
    if (at) return handler(context, at);
    if (ctx.method !== 'GET') throw new ServiceError('sign_in_expired');
    redirect(context, `/account/sign-in?to=${section}`);
  };
}

/** The same, for what changes how one signs in: the sign-in must be a recent one. */
export function withFreshAccount(
  deps: PeopleDeps,
  section: Section,
  handler: AccountHandler,
): Middleware {
  return withAccount(deps, section, async (ctx, at) => {
    if (!at.isFresh) throw new ServiceError('reauthentication_needed');
    await handler(ctx, at);
  });
}

async function findAtAccount(deps: PeopleDeps, ctx: Context): Promise<AtAccount | undefined> {
  const session = await deps.issuerParts.provider().Session.get(ctx);
  const { accountId, uid, loginTs } = session;
  if (accountId === undefined) return undefined;
  const account = await findAccount(deps, { accountId });
  if (!account) return undefined;
  const holder = `session:${uid}`;
  const sinceSec = Math.floor(deps.nowMs() / 1000) - (loginTs ?? 0);
  const isFresh = sinceSec <= LIMITS.freshSignInSec;
  return { account, sessionUid: uid, holder, csrf: deps.csrf.tokenFor(holder), isFresh };
}
