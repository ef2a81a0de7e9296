import { guard, ServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import { z } from 'zod';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { revokeToken } from '../tokens/revoke-token.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import { callerOf } from './require-caller.ts';

/** POST /apps/:appId/tokens/revoke: a signer or user token stops at the next hold. */
export function revokeTokenRoute(deps: TokenDeps & ChangeIdentityDeps): Middleware {
  const params = z.object({ appId: z.string() });
  const body = z.object({ token: z.string().min(1).max(LIMITS.credentialCharsMax) });
  return guard({ params, body }, async (ctx, { params, body }) => {
    const { requestId } = ctx.state;
    const input = { ...params, ...body, actor: callerOf(ctx).id, requestId };
    const outcome = await revokeToken(deps, input);
    if (!outcome.ok) throw new ServiceError(outcome.code);
    ctx.body = { success: true };
  });
}
