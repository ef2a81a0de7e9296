import { publicError, ServiceError } from '@clearinghouse/shared';
import type { Context, Middleware } from 'koa';
import { deleteAccount, listTeamsThatNeed } from '../accounts/delete-account.ts';
import { tellOfDeletion } from '../accounts/tell-owner.ts';
import { applyRate } from '../http/rate-limit.ts';
import { DELETE_WORD, deleteAccountPage } from '../pages/delete-account-page.ts';
import { donePage } from '../pages/notice-pages.ts';
import { sendPage } from '../pages/send-page.ts';
import { type AccountDeps, viewOf } from './account-handlers.ts';
import { type AtAccount, withFreshAccount } from './account-session.ts';
import { dropSessionCookie } from './account-sign-in.ts';
import { readOwnForm } from './page-guard.ts';

const DELETED = donePage({
  title: 'Your account is deleted',
  text: 'You are signed out everywhere. You can close this page.',
});

/** GET /account/delete: what ends, what stays, and the form. */
export function showDeleteRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'profile', (ctx, at) => showDelete(deps, ctx, at));
}

async function showDelete(
  deps: AccountDeps,
  ctx: Context,
  at: AtAccount,
  words?: { fault: string; status: number },
): Promise<void> {
  const { account } = at;
  const teams = await listTeamsThatNeed(deps, { accountId: account.id });
  const view = viewOf(ctx, at, 'profile', words);
  sendPage(ctx, deps.pageKit, deleteAccountPage(view, { account, teams }));
}

/** POST /account/delete: with the address typed, so that no slip of a finger does it. */
export function deleteAccountRoute(deps: AccountDeps): Middleware {
  return withFreshAccount(deps, 'profile', async (ctx, at) => {
    const form = await readOwnForm(ctx, deps, at.holder);
    const { account } = at;
    applyRate(ctx, await deps.consumeRate('sign_in_account_ip', account.id));
    const typed = (form.one('sure') ?? '').trim().toLowerCase();
    if (typed !== (account.email ?? DELETE_WORD)) {
      const fault = 'That is not what was asked for. Nothing is deleted.';
      return showDelete(deps, ctx, at, { fault, status: 422 });
    }
    const by = { accountId: account.id, actor: account.id };
    const outcome = await deleteAccount(deps, by);
    if (!outcome.ok) {
      if (outcome.code === 'not_found') throw new ServiceError('not_found');
      const { message: fault, status } = publicError(outcome.code);
      return showDelete(deps, ctx, at, { fault, status });
    }
    tellOfDeletion(deps, { account: outcome.value });
    dropSessionCookie(deps, ctx);
    sendPage(ctx, deps.pageKit, DELETED);
  });
}
