import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import type { AppGrant } from '../grants/grant.ts';
import { listGrants } from '../grants/list-grants.ts';
import { revokeAppGrant, revokeAppGrants } from '../grants/revoke-grants.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { externalUserIdSchema } from '../users/user.ts';
import { nextOf, pageQuery } from './page-query.ts';
import { callerOf } from './require-caller.ts';

const appParams = z.object({ appId: z.string().max(64) });
const which = {
  externalUserId: externalUserIdSchema.optional(),
  clientId: z.string().max(64).optional(),
};

function toApiGrant({ grantedAt, expiresAt, ...rest }: AppGrant) {
  return { ...rest, grantedAt: grantedAt.toISOString(), expiresAt: expiresAt.toISOString() };
}

/** GET …/grants */
export function listGrantsRoute(deps: ChangeIdentityDeps): Middleware {
  const query = pageQuery(LIMITS.grantsPageMax, /^[A-Za-z0-9_-]{1,64}$/).extend(which);
  return guard({ params: appParams, query }, async (ctx, { params, query: page }) => {
    const grants = await listGrants(deps, { ...params, ...page });
    ctx.body = { grants: grants.map(toApiGrant), next: nextOf(grants, page.limit) };
  });
}

/** DELETE …/grants/:grantId */
export function revokeGrantRoute(deps: ChangeIdentityDeps): Middleware {
  const params = appParams.extend({ grantId: z.string().max(64) });
  return guard({ params }, async (ctx, { params: at }) => {
    const { requestId } = ctx.state;
    const by = { actor: callerOf(ctx).id, requestId, reason: 'revoked by API' };
    const outcome = await revokeAppGrant(deps, { ...at, ...by });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}

/** POST …/grants/revoke-all: of the app, or those of a user or a client. */
export function revokeAllGrantsRoute(deps: ChangeIdentityDeps): Middleware {
  const body = z.object({
    ...which,
    reason: z.string().min(1).max(200).default('all grants revoked'),
  });
  return guard({ params: appParams, body }, async (ctx, { params, body: input }) => {
    const { requestId } = ctx.state;
    const by = { actor: callerOf(ctx).id, requestId };
    ctx.body = { revoked: await revokeAppGrants(deps, { ...params, ...input, ...by }) };
  });
}
