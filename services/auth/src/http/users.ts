import { guard, ServiceError, SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import { changeUser } from '../users/change-user.ts';
import { deleteUser } from '../users/delete-user.ts';
import { endUserSessions } from '../users/end-user-sessions.ts';
import { issueUserToken } from '../users/issue-user-token.ts';
import { listUsers } from '../users/list-users.ts';
import { showUser } from '../users/show-user.ts';
import { upsertUser } from '../users/upsert-user.ts';
import { externalUserIdSchema, type User } from '../users/user.ts';
import { cursorOf, nextOf, pageQuery } from './page-query.ts';
import { callerOf } from './require-caller.ts';

type UserRouteDeps = ChangeIdentityDeps & TokenDeps;

const appParams = z.object({ appId: z.string() });
const userParams = appParams.extend({ externalUserId: externalUserIdSchema });
const userBody = z.object({
  externalUserId: externalUserIdSchema,
  email: z.email().max(320).nullish(),
  status: z.enum(['active', 'inactive']).optional(),
});

/** A user as the builder API shows it. */
function toApiUser(user: User) {
  return {
    id: user.id,
    clientId: user.appId,
    externalUserId: user.externalUserId,
    email: user.email,
    status: user.status,
    role: user.role,
    createdAt: user.createdAt.toISOString(),
  };
}

/** GET /apps/:appId/users */
export function listUsersRoute(deps: UserRouteDeps): Middleware {
  const query = pageQuery(LIMITS.usersPageMax, cursorOf('usr'));
  return guard({ params: appParams, query }, async (ctx, { params, query: page }) => {
    const users = await listUsers(deps, { ...params, ...page });
    ctx.body = { users: users.map(toApiUser), next: nextOf(users, page.limit) };
  });
}

/** GET /apps/:appId/users/:externalUserId */
export function showUserRoute(deps: UserRouteDeps): Middleware {
  return guard({ params: userParams }, async (ctx, { params }) => {
    const outcome = await showUser(deps, params);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiUser(outcome.value);
  });
}

/** POST /apps/:appId/users/:externalUserId/end-sessions */
export function endUserSessionsRoute(deps: UserRouteDeps): Middleware {
  return guard({ params: userParams }, async (ctx, { params }) => {
    const { requestId } = ctx.state;
    const outcome = await endUserSessions(deps, { ...params, actor: callerOf(ctx).id, requestId });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = outcome.value;
  });
}

/** POST /apps/:appId/users: 201 when new, 200 when known; what is left out stays. */
export function upsertUserRoute(deps: UserRouteDeps): Middleware {
  return guard({ params: appParams, body: userBody }, async (ctx, { params, body }) => {
    const { requestId } = ctx.state;
    const input = { ...params, ...body, actor: callerOf(ctx).id, requestId };
    const { user, created } = await upsertUser(deps, input);
    ctx.status = created ? 201 : 200;
    ctx.body = toApiUser(user);
  });
}

/** PUT /apps/:appId/users: only a user that exists. */
export function changeUserRoute(deps: UserRouteDeps): Middleware {
  return guard({ params: appParams, body: userBody }, async (ctx, { params, body }) => {
    const { requestId } = ctx.state;
    const input = { ...params, ...body, actor: callerOf(ctx).id, requestId };
    const outcome = await changeUser(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = toApiUser(outcome.value);
  });
}

/** DELETE /apps/:appId/users?externalUserId= */
export function deleteUserRoute(deps: UserRouteDeps): Middleware {
  const query = z.object({ externalUserId: externalUserIdSchema });
  return guard({ params: appParams, query }, async (ctx, { params, query }) => {
    const { requestId } = ctx.state;
    const input = { ...params, ...query, actor: callerOf(ctx).id, requestId };
    const outcome = await deleteUser(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}

/** POST /apps/:appId/users/:externalUserId/token: a token for a user, for the app's backend. */
export function issueUserTokenRoute(deps: UserRouteDeps): Middleware {
  const params = userParams;
  const body = z.object({ scope: z.string().max(512).optional() });
  return guard({ params, body }, async (ctx, { params, body }) => {
    if ((body.scope ?? SIGN_JOB_SCOPE) !== SIGN_JOB_SCOPE) {
      ctx.status = 400;
      const description = `the only scope of a user token is ${SIGN_JOB_SCOPE}`;
      ctx.body = { error: 'invalid_scope', error_description: description };
      return;
    }
    const outcome = await issueUserToken(deps, { ...params, clientId: callerOf(ctx).id });
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = {
      access_token: outcome.value.accessToken,
      refresh_token: outcome.value.refreshToken,
      token_type: 'Bearer',
      expires_in: outcome.value.expiresInSec,
      scope: outcome.value.scope,
      subject_type: 'app_user',
      correlation_id: ctx.state.requestId,
    };
  });
}
