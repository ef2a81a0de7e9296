import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import { type Account, emailSchema } from '../accounts/account.ts';
import { operateAccount } from '../accounts/change-account.ts';
import { deleteAccount } from '../accounts/delete-account.ts';
import { listAccounts, showAccount } from '../accounts/operate-accounts.ts';
import { inviteOperator } from '../commands/invite-operator.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { cursorOf, nextOf, pageQuery } from './page-query.ts';
import { callerOf } from './require-caller.ts';

const account = z.object({ accountId: z.string().max(64) });

function toApiAccount<T extends Account>({ emailVerifiedAt, createdAt, ...rest }: T) {
  return {
    ...rest,
    isEmailVerified: emailVerifiedAt !== null,
    createdAt: createdAt.toISOString(),
  };
}

/** GET /admin/accounts */
export function listAccountsRoute(deps: ChangeIdentityDeps): Middleware {
  const query = pageQuery(LIMITS.accountsPageMax, cursorOf('acc')).extend({
    email: emailSchema.optional(),
  });
  return guard({ query }, async (ctx, { query: page }) => {
    const accounts = await listAccounts(deps, page);
    ctx.body = { accounts: accounts.map(toApiAccount), next: nextOf(accounts, page.limit) };
  });
}

/** GET /admin/accounts/:accountId */
export function showAccountRoute(deps: ChangeIdentityDeps): Middleware {
  return guard({ params: account }, async (ctx, { params }) => {
    const outcome = await showAccount(deps, params);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiAccount(outcome.value);
  });
}

/** PATCH /admin/accounts/:accountId: nobody locks themselves out. */
export function operateAccountRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z.object({
    status: z.enum(['active', 'suspended']).optional(),
    isOperator: z.boolean().optional(),
  });
  return guard({ params: account, body }, async (ctx, { params, body: input }) => {
    const outcome = await operateAccount(deps, {
      ...params,
      ...input,
      actor: callerOf(ctx).id,
      requestId: ctx.state.requestId,
    });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiAccount(outcome.value);
  });
}

/** DELETE /admin/accounts/:accountId: for good; the books keep what was used. */
export function deleteAccountRoute(deps: ChangeIdentityDeps): Middleware {
  return guard({ params: account }, async (ctx, { params }) => {
    const { requestId } = ctx.state;
    const outcome = await deleteAccount(deps, { ...params, actor: callerOf(ctx).id, requestId });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}

/** POST /admin/operators: the answer has a link that makes an account, where there is none. */
export function inviteOperatorRoute(
  deps: ChangeIdentityDeps & { readonly origin: string },
): Middleware {
  return guard({ body: z.object({ email: emailSchema }) }, async (ctx, { body }) => {
    const { origin } = deps;
    const made = await inviteOperator(deps, { ...body, origin, actor: callerOf(ctx).id });
    ctx.status = 201;
    ctx.body = made;
  });
}
